import Testing

@testable import Configuration

@Suite struct ConfigurationTextTests {
    private func text(_ text: String) -> ConfigurationText { ConfigurationText(text, path: "c.yaml") }

    @Test(
        arguments: [
            ("redis:\n  host: a  # why\n  port: 1\n", "redis.host", "b", "redis:\n  host: b  # why\n  port: 1\n"),
            ("redis: {host: a, port: 1}\n", "redis.port", "2", "redis: {host: a, port: 2}\n"),
            ("redis.host: 'a'\n", "redis.host", "b c", "redis.host: \"b c\"\n"),
            ("a:\n  b: |-\n    x\n    y\n  c: 1\n", "a.b", "z", "a:\n  b: z\n  c: 1\n"),
            ("ä: é\na:\n  b: ü\n", "a.b", "ö", "ä: é\na:\n  b: \"ö\"\n"),
            ("\u{FEFF}a:\n  b: x\n", "a.b", "y", "a:\n  b: y\n"),
            ("a:\n  b: 1\n\n# end\n", "a.c", "2", "a:\n  b: 1\n  c: 2\n\n# end\n"),
            ("a:\n    b: 1", "a.c", "2", "a:\n    b: 1\n    c: 2\n"),
            ("a:\n  #b: 1\nd:\n  e: 1\n", "a.b", "2", "a:\n  b: 2\n  #b: 1\nd:\n  e: 1\n"),
            ("", "a.b", "", "a:\n  b: \"\"\n"),
            ("# all\n", "a.b", "-1", "# all\na:\n  b: \"-1\"\n"),
            ("a:\n  b: 1\n", "a.b", "say \"no\"\\\n", "a:\n  b: \"say \\\"no\\\"\\\\\\n\"\n"),
        ])
    func oneValueChangesAndTheRestStays(before: String, name: String, value: String, after: String) throws {
        let edited = try text(before).setting(name, to: value)
        #expect(edited == after)
        #expect(text(edited)[name] == value)
    }

    @Test(
        arguments: [
            ("a:\n  b: [x, y]\n  c: 1\n", "a:\n  b: [v, \"w:1\"]\n  c: 1\n"),
            ("a:\n  b: # why\n  - x\n  - y\n  c: 1\n", "a:\n  b: # why\n    [v, \"w:1\"]\n  c: 1\n"),
            ("a:\n  b:\n    - x\n    - y # last\n\n  c: 1\n", "a:\n  b:\n    [v, \"w:1\"] # last\n\n  c: 1\n"),
            ("a:\n  b: x,y\n", "a:\n  b: [v, \"w:1\"]\n"),
        ])
    func listsStayLists(before: String, after: String) throws {
        let edited = try text(before).setting("a.b", to: "v, w:1", isList: true)
        #expect(edited == after)
        #expect(text(edited)["a.b"] == "v,w:1")
    }

    @Test(
        arguments: [
            ("a:\n  b: 1 # why\n  c: 2\n", "a:\n  c: 2\n"), ("a:\n  b: 1", "a:\n"),
            ("a:\n  b:\n    - x\n    - y\n  c: 2\n", "a:\n  c: 2\n"), ("a:\n  c: 2\n", "a:\n  c: 2\n"),
        ])
    func aKeyIsTakenOutWithItsLine(before: String, after: String) throws {
        #expect(try text(before).setting("a.b", to: nil) == after)
    }

    @Test func whatStandsInBracesIsLeftToPeople() {
        #expect(throws: ConfigurationText.EditError.self) { try text("a: {b: 1}\n").setting("a.b", to: nil) }
        #expect(throws: ConfigurationText.EditError.self) { try text("a: {b: 1}\n").setting("a.c", to: "1") }
    }

    @Test func everyValueOfANameIsReplacedAlsoTheSecondWhichDoesNotCount() {
        let edited = text("a:\n  b: one\n  b: 'two'\n  c: three\nd: {e: [f, g]}\n").replacingValues { name, _ in
            name == "a.c" ? nil : "x y"
        }
        #expect(edited == "a:\n  b: \"x y\"\n  b: \"x y\"\n  c: three\nd: {e: \"x y\"}\n")
    }

    @Test func whatIsNoYAMLIsNotWhole() {
        #expect(!text("a: 'open").isWhole)
        #expect(!text("a: 1\n---\nb: 2").isWhole)
        #expect(text("a: 1\na: 2").isWhole)
    }

    @Test func noTextStopsTheProcess() {
        let pieces = [
            "redis", ":", " ", "\n", "  ", "{", "}", "[", "]", ",", "-", "&a", "'", "\"", "|", "#", "ü", "\t",
        ]
        for _ in 0..<2_000 {
            let made = text((0..<Int.random(in: 0...40)).map { _ in pieces.randomElement() ?? "" }.joined())
            guard made.isWhole else { continue }
            _ = made.replacingValues { _, _ in "x" }
            for name in made.names + ["redis.x"] {
                _ = try? made.setting(name, to: "y")
                _ = try? made.setting(name, to: nil)
            }
        }
    }
}
