import Testing

@testable import AWS

@Suite struct SignableURLTests {
    private static let base = "https://ids.eu-central-1.es.amazonaws.com"

    @Test(arguments: [
        ("", "/", "/"),
        ("/", "/", "/"),
        ("/suricata-*/_search", "/suricata-%2A/_search", "/suricata-%252A/_search"),
        ("/suricata-%2a/_search", "/suricata-%2A/_search", "/suricata-%252A/_search"),
        ("/<log-{now/d}>/_doc", "/%3Clog-%7Bnow/d%7D%3E/_doc", "/%253Clog-%257Bnow/d%257D%253E/_doc"),
        ("/%3Clog-%7Bnow%2Fd%7D%3E", "/%3Clog-%7Bnow%2Fd%7D%3E", "/%253Clog-%257Bnow%252Fd%257D%253E"),
        ("/größe", "/gr%C3%B6%C3%9Fe", "/gr%25C3%25B6%25C3%259Fe"),
        ("/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe", "/gr%25C3%25B6%25C3%259Fe"),
        ("/a b%20c+d", "/a%20b%20c%2Bd", "/a%2520b%2520c%252Bd"),
        (
            "/a:b,c;d=e@f!$'()", "/a%3Ab%2Cc%3Bd%3De%40f%21%24%27%28%29",
            "/a%253Ab%252Cc%253Bd%253De%2540f%2521%2524%2527%2528%2529"
        ),
        ("/%41%7E%2D-._~", "/A~--._~", "/A~--._~"),
        ("/100%", "/100%25", "/100%2525"),
        ("/%zz%f", "/%25zz%25f", "/%2525zz%2525f"),
        ("/%FF%00", "/%FF%00", "/%25FF%2500"),
        ("/a//b///", "/a//b///", "/a/b/"),
        ("//", "//", "/"),
        ("/a/./b/../c", "/a/c", "/a/c"),
        ("/a/%2e%2E/b/..", "/", "/"),
        ("/../../a/.", "/a/", "/a/"),
    ])
    func aPathHasOneForm(path: String, sent: String, signed: String) throws {
        let url = try #require(SignableURL(Self.base + path))
        #expect(url.text == Self.base + sent)
        #expect(url.canonicalPath == signed)
        #expect(SignableURL(url.text)?.text == url.text)
    }

    @Test(arguments: [
        ("", "", ""),
        ("?", "", ""),
        ("?v", "?v=", "v="),
        ("?b=1&a=2&a=1", "?b=1&a=2&a=1", "a=1&a=2&b=1"),
        ("?v&&s=index", "?v=&s=index", "s=index&v="),
        ("?filter_path=items.*.error", "?filter_path=items.%2A.error", "filter_path=items.%2A.error"),
        ("?filter_path=took,errors", "?filter_path=took%2Cerrors", "filter_path=took%2Cerrors"),
        ("?q=a=b", "?q=a%3Db", "q=a%3Db"),
        ("?q=a+b%2Bc%20d", "?q=a%20b%2Bc%20d", "q=a%20b%2Bc%20d"),
        ("?%7e=%c3%bc&ü", "?~=%C3%BC&%C3%BC=", "%C3%BC=&~=%C3%BC"),
        ("?a/b=c?d#part", "?a%2Fb=c%3Fd", "a%2Fb=c%3Fd"),
        ("?A=1&a=1&a-b=1&a%2D=2", "?A=1&a=1&a-b=1&a-=2", "A=1&a=1&a-=2&a-b=1"),
    ])
    func aQueryIsSortedForTheSignatureAlone(query: String, sent: String, signed: String) throws {
        let url = try #require(SignableURL(Self.base + "/i/_bulk" + query))
        #expect(url.text == Self.base + "/i/_bulk" + sent)
        #expect(url.canonicalQuery == signed)
    }

    @Test(arguments: [
        ("HTTPS://Search.Example.COM:443/", "https://search.example.com:443/", "search.example.com"),
        ("http://localhost:9200", "http://localhost:9200/", "localhost:9200"),
        ("http://h:80?a", "http://h:80/?a=", "h"),
        ("http://[::1]:9200/a", "http://[::1]:9200/a", "[::1]:9200"),
        ("https://[fd00:ec2::23]/a", "https://[fd00:ec2::23]/a", "[fd00:ec2::23]"),
        ("https://name:p%40ss@host/a@b", "https://host/a%40b", "host"),
    ])
    func theHostIsWhatTheClientSends(url: String, sent: String, host: String) throws {
        let url = try #require(SignableURL(url))
        #expect(url.text == sent)
        #expect(url.host == host)
    }

    @Test(arguments: ["", "search.example.com", "ftp://a/", "https://", "https:///a", "https://:443/"])
    func whatIsNoURLIsNotSigned(url: String) {
        #expect(SignableURL(url) == nil)
    }
}
