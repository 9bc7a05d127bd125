import Testing

@testable import ECSTransformer

@Suite("Values that need reading")
struct ValueTests {
    @Test(
        "Addresses",
        arguments: [
            ("0.0.0.0", "0-0"), ("192.168.1.5", "0-ffffc0a80105"), ("255.255.255.255", "0-ffffffffffff"),
            ("::", "0-0"), ("::1", "0-1"), ("fe80::1", "fe80000000000000-1"),
            ("2001:db8::ff00:42:8329", "20010db800000000-ff0000428329"),
            ("0000:0000:0000:0000:0000:0000:0000:0001", "0-1"), ("1:2:3:4:5:6:7:8", "1000200030004-5000600070008"),
            ("::ffff:1.2.3.4", "0-ffff01020304"), ("1::", "1000000000000-0"), ("ABCD::", "abcd000000000000-0"),
        ])
    func addresses(_ text: String, _ expected: String) throws {
        let address = try #require(parse(text))
        let low = address.low & (text == "0.0.0.0" ? 0 : ~0)
        #expect(String(address.high, radix: 16) + "-" + String(low, radix: 16) == expected.drop0)
        #expect(address.isIPv4 == !text.contains(":"))
    }

    @Test(
        "What is no address",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "a.b.c.d", ":",
            ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0", ":1::", "1:2:3:4:5:6:7:",
            "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4 ",
        ])
    func noAddresses(_ text: String) { #expect(parse(text) == nil) }

    @Test("Networks hold the addresses of their families only")
    func networks() throws {
        let home = try NetworkSet(NetworkSet.privateNetworks)
        for text in ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fd00::1", "fe80::1", "::1"] {
            #expect(try home.contains(#require(parse(text))), "\(text)")
        }
        for text in ["11.0.0.1", "172.32.0.0", "172.15.0.1", "192.169.0.1", "2001:db8::1", "ff02::1", "::2"] {
            #expect(try !home.contains(#require(parse(text))), "\(text)")
        }
        let all = try NetworkSet(["0.0.0.0/0", "2001:db8::7"])
        #expect(try all.contains(#require(parse("8.8.8.8"))) && all.contains(#require(parse("2001:db8::7"))))
        #expect(try !all.contains(#require(parse("2001:db8::8"))))
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "fd00::/129", "home"] {
            #expect(throws: InvalidNetwork.self) { try NetworkSet([text]) }
        }
    }

    @Test(
        "Names of certificates",
        arguments: [
            ("C=US, O=Acme U.S.A., INC., CN=update.acme.com", ["C:US", "O:Acme U.S.A., INC.", "CN:update.acme.com"]),
            ("CN=a\\, b, O=c", ["CN:a\\, b", "O:c"]),
            ("CN=x/emailAddress=me@x.org", ["CN:x", "emailAddress:me@x.org"]),
            ("OU=management:idms.group.506364, ST=California", ["OU:management:idms.group.506364", "ST:California"]),
            ("CN=a+OU=b", ["CN:a", "OU:b"]), ("", []), ("nothing", []), ("CN=", []),
            ("CN=a,,O=b", ["CN:a,", "O:b"]), ("1.2.840.113549.1.9.1=#16, CN=z", ["1.2.840.113549.1.9.1:#16", "CN:z"]),
        ])
    func names(_ text: String, _ expected: [String]) {
        let parts = withText(text) { text -> [String] in
            var name = DistinguishedName(text)
            var parts: [String] = []
            while let (key, value) = name.next() { parts.append("\(key.string):\(value.string)") }
            return parts
        }
        #expect(parts == expected)
    }

    @Test(
        "Targets of requests",
        arguments: [
            ("/a/b.html?x=1&y=2#top", false, "nil nil nil /a/b.html x=1&y=2 top b.html"),
            ("http://host.example:8080/p?q", false, "http host.example 8080 /p q nil p"),
            ("https://user:pw@host/", false, "https host nil / nil nil nil"),
            ("http://[2001:db8::1]:80", false, "http [2001:db8::1] 80 nil nil nil nil"),
            ("example.org:443", true, "nil example.org 443 nil nil nil nil"), ("*", false, "nil nil nil * nil nil *"),
            ("//evil?u=http://x", false, "nil nil nil //evil u=http://x nil evil"),
            ("", false, "nil nil nil nil nil nil nil"), ("?", false, "nil nil nil nil nil nil nil"),
            (":99", true, "nil nil 99 nil nil nil nil"), ("x:abc", true, "nil x nil nil nil nil nil"),
            ("fe80::1", true, "nil fe80::1 nil nil nil nil nil"),
        ])
    func targets(_ text: String, _ isAuthority: Bool, _ expected: String) {
        let parts = withText(text) { text -> String in
            let parts = URLParts(text, isAuthority: isAuthority)
            return [
                parts.scheme, parts.host, parts.port, parts.path, parts.query, parts.fragment, parts.lastSegment,
            ].map { $0?.string ?? "nil" }.joined(separator: " ")
        }
        #expect(parts == expected)
    }

    private func parse(_ text: String) -> IPAddress? { withText(text) { IPAddress($0) } }

    private func withText<Result>(_ text: String, _ use: (EncodedText) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes { use(EncodedText($0)) }
    }
}

extension EncodedText {
    fileprivate var string: String { String(decoding: buffer, as: UTF8.self) }
}

extension String {
    /// Without the zeros in front of each of two numbers.
    fileprivate var drop0: String {
        split(separator: "-").map { $0.drop { $0 == "0" } }.map { $0.isEmpty ? "0" : String($0) }
            .joined(separator: "-")
    }
}
