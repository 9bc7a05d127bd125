import Testing

@testable import ECSTransformer

@Suite("Values that need reading")
struct ValueTests {
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

    private func withText<Result>(_ text: String, _ use: (EncodedText) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes { use(EncodedText($0)) }
    }
}

extension EncodedText {
    fileprivate var string: String { String(decoding: buffer, as: UTF8.self) }
}
