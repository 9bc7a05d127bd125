import Testing

@testable import ECSTransformer

@Suite("Mail headers")
struct MailTests {
    @Test(
        "Addresses",
        arguments: [
            ("ada@example.org", ["ada@example.org"]), ("<ada@example.org>", ["ada@example.org"]),
            ("Ada <ada@example.org>, bob@example.net", ["ada@example.org", "bob@example.net"]),
            (#""L, Ada <x@y>" <ada@example.org>"#, ["ada@example.org"]),
            (#""say \" hi" <a@b>;c@d"#, ["a@b", "c@d"]), ("<a@b> (x, <y@z>)", ["a@b"]), ("a@b (home (first))", ["a@b"]),
            ("undisclosed-recipients:;", []), ("<>", []), ("", []), (",,;", []), ("Ada", []),
            ("<postmaster>", ["postmaster"]),
            ("a b@c", []), (#"""#, []), ("(", []), ("<a@b", []), ("a@b>, c@d", ["c@d"]),
        ])
    func addresses(_ text: String, _ expected: [String]) {
        let found = withText(text) { text -> [String] in
            var addresses = MailAddresses(text)
            var found: [String] = []
            while let address = addresses.next() { found.append(String(decoding: address.buffer, as: UTF8.self)) }
            return found
        }
        #expect(found == expected)
    }

    @Test(
        "Dates",
        arguments: [
            ("Fri, 21 Apr 2023 05:10:36 +0000", 1_682_053_836), ("21 Apr 2023 05:10 -0130", 1_682_059_200),
            ("Fri, 06 Feb 2026 10:11:12 +0100", 1_770_369_072), ("1 Jan 70 00:00:00 GMT", 0),
            ("Tue,  1 Feb 26 00:00:00 EST (winter)", 1_769_922_000), ("29 Feb 2024 00:00:00", 1_709_164_800),
            ("29 Feb 2023 00:00:00 +0000", nil), ("31 Apr 2023 00:00:00 +0000", nil), ("0 Apr 2023 00:00:00", nil),
            ("21 April 2023 05:10:36", nil), ("2023-04-21T05:10:36Z", nil), ("", nil), ("Fri,", nil),
            ("21 Apr 2023 25:00:00", nil), ("21 Apr 2023 05:10:36 +9900", nil), ("21 Apr 9999 05:10:36 +0000", nil),
        ] as [(String, Int64?)])
    func dates(_ text: String, _ seconds: Int64?) {
        #expect(withText(text) { MailDate.parse($0) } == seconds.map { $0 * 1_000_000_000 })
    }

    @Test(
        "Names of hosts",
        arguments: [
            ("a", true), ("files.home.example", true), ("ANNAS-PC", true), ("_sip.example", true), ("a1", true),
            ("", false), ("1.2.3.4", false), ("living room", false), ("a/b", false), ("\u{E4}", false),
        ])
    func hostNames(_ text: String, _ expected: Bool) {
        #expect(withText(text) { $0.isHostName } == expected)
    }

    private func withText<Result>(_ text: String, _ use: (EncodedText) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes { use(EncodedText($0)) }
    }
}
