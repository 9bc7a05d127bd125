import Foundation
import Testing

@testable import PublicSuffix

@Suite("Public suffix list")
struct PublicSuffixTests {
    let list = PublicSuffixList()

    private func suffix(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let length = bytes.withUnsafeBytes { list.suffixLength(of: $0) }
        return String(decoding: bytes.suffix(length), as: UTF8.self)
    }

    @Test(
        "The longest rule wins, wildcards and exceptions count",
        arguments: [
            ("example.com", "com"), ("com", "com"), ("www.example.co.uk", "co.uk"), ("a.b.example.de", "de"),
            ("x.kawasaki.jp", "x.kawasaki.jp"), ("a.x.kawasaki.jp", "x.kawasaki.jp"),
            ("city.kawasaki.jp", "kawasaki.jp"), ("www.city.kawasaki.jp", "kawasaki.jp"), ("www.ck", "ck"),
            ("ck", "ck"), ("foo.ck", "foo.ck"), ("printer.local", "local"), ("host", "host"), ("", ""),
            ("me.github.io", "github.io"), ("a.xn--p1ai", "xn--p1ai"), ("..", ""), (".com", "com"),
        ])
    func suffixes(name: String, expected: String) {
        #expect(suffix(name) == expected)
    }

    @Test("Names are ASCII after packing")
    func packed() {
        let rules = PackedPublicSuffixes.rules
        let text = UnsafeBufferPointer(start: rules.utf8Start, count: rules.utf8CodeUnitCount)
        #expect(text.allSatisfy { $0 < 128 })
        #expect(text.count { $0 == UInt8(ascii: "\n") } == PackedPublicSuffixes.count)
        // Punycode of the published rule "個人.hk".
        #expect(suffix("a.xn--gmqw5a.hk") == "xn--gmqw5a.hk")
    }
}
