import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func membersAndElementsAreSeparated() {
        let text = JSONWriter.objectText { json in
            json.member("text", "a \"quoted\" \u{1}\nü")
            json.member("numbers", [1, -2])
            json.object("empty") { _ in }
            json.array("list") {
                $0.value(true); $0.object { $0.member("deep", 0.5) }; $0.value("last")
            }
            json.member("none", String?.none)
            json.member("infinite", Double.infinity)
            json.name("given")
            json.json(#"{"is":"JSON"}"#)
            json.member("largest", UInt64.max)
        }
        #expect(
            text == #"""
                {"text":"a \"quoted\" \u0001\nü","numbers":[1,-2],"empty":{},"list":[true,{"deep":0.5},"last"],\#
                "none":null,"infinite":null,"given":{"is":"JSON"},"largest":18446744073709551615}
                """#)
    }

    /// Whatever is written can be read.
    @Test func whatIsWrittenIsJSON() throws {
        let texts = ["", "\u{0}", "\\", "\u{202E}", "\u{2028}", "日本", String(repeating: "\"", count: 100)]
        let bytes = JSONWriter.object { json in for text in texts { json.member(text, text) } }
        var tree = JSONTree()
        try bytes.withUnsafeBytes { buffer in
            let members = try tree.parse(buffer).members.map { ($0.key.string, $0.value.string) }
            #expect(members.map(\.0) == texts && members.map(\.1) == texts)
        }
    }
}
