import Testing

@testable import ECSTransformer

@Suite("Passwords in URLs")
struct URLPasswordTests {
    @Test(
        "What is left of a URL",
        arguments: [
            ("ftp://anna:secret@files.example/a", "ftp://anna@files.example/a"),
            ("http://anna:se:cr@et@shop.example:8080/?q=a:b@c", "http://anna@shop.example:8080/?q=a:b@c"),
            ("http://:secret@shop.example", "http://@shop.example"),
            ("sip:anna:secret@post.example", "sip:anna@post.example"),
            ("sip:anna@post.example:5060", "sip:anna@post.example:5060"), ("/a:b@c", "/a:b@c"), ("a@b", "a@b"),
            ("http://shop.example/a:b@c", "http://shop.example/a:b@c"), ("shop.example:443", "shop.example:443"),
            ("http://anna@shop.example", "http://anna@shop.example"), ("@", "@"), (":", ":"), ("http://", "http://"),
        ])
    func stripped(_ url: String, _ expected: String) throws {
        let event = try map("http", #""http":{"url":"\#(url)","http_refer":"\#(url)"}"#)
        #expect(event["url.original"] == expected)
        #expect(event["http.request.referrer"] == expected)
    }
}
