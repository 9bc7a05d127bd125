import Files
import Foundation
import Testing

@testable import Configuration

@Suite struct ConfigurationFileTests {
    private func file(_ text: String) -> ConfigurationFile {
        ConfigurationFile(path: "c.yaml", bytes: Array(text.utf8))
    }

    @Test func keysHaveTheirPathAndLine() {
        let file = file(
            """
            # comment
            redis:
              host: "10.0.0.5"   # more
              tls: {ca_file: /a b}
              database: 0
            reader.path: 'it''s'
            text: |-
              block
            empty:
            tilde: ~
            """)
        #expect(file.problems.isEmpty)
        #expect(
            file.entries.mapValues(\.text) == [
                "redis.host": "10.0.0.5", "redis.tls.ca_file": "/a b", "redis.database": "0", "reader.path": "it's",
                "text": "block",
            ])
        #expect(file.entries["redis.host"]?.line == 3)
        #expect(file.entries["reader.path"]?.line == 6)
    }

    @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "---\n...\n", "{}", "\u{FEFF}"])
    func emptyFilesAreFine(text: String) {
        #expect(file(text).problems.isEmpty)
        #expect(file(text).entries.isEmpty)
    }

    @Test(
        arguments: [
            ("a: 1\na: 2", "c.yaml:2: a stands here for the second time; it is set on line 1 already"),
            ("s: {a: 1}\ns:\n  a: 2", "c.yaml:3: s.a stands here for the second time; it is set on line 1 already"),
            ("s:\n  a:", "c.yaml:2: s.a has no value; write `\"\"` for an empty text"),
            ("a: &x 1\nb: *x", "c.yaml:2: aliases (`*name`) are not supported; write the value out"),
            ("just text", "c.yaml:1: the file must hold sections with keys, as `redis:`"),
            ("- a\n- b", "c.yaml:1: the file must hold sections with keys, as `redis:`"),
            ("a: 1\n---\nb: 2", "c.yaml:2: only one YAML document is read"),
            ("? [a, b]\n: 1", "c.yaml:1: a key must be a plain word"),
            ("a: [1, [2]]", "c.yaml:1: a takes a list of plain words"),
            ("a: [1, {b: [2]}]", "c.yaml:1: b of an item of a takes a plain word"),
            ("a:\n  - b: x y", "c.yaml:2: b of an item of a takes a plain word"),
            ("a:\n  - 'x,y'", "c.yaml:2: a takes a list of plain words"),
            ("a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}", "c.yaml:1: sections are nested deeper than 8 levels"),
            ("a: 1\n\tb: 2", "c.yaml:2: found a tab character that violates indentation"),
            ("a: 'open", "c.yaml:1: found unexpected end of stream"),
            ("a: \u{1}", "c.yaml:1: control characters are not allowed"),
        ])
    func mistakesHaveALine(text: String, problem: String) {
        #expect(file(text).problems.map(\.description) == [problem])
    }

    @Test func invalidTextIsRefused() {
        #expect(!ConfigurationFile(path: "c.yaml", bytes: [0x61, 0x3A, 0x20, 0xFF, 0xFE, 0x80]).problems.isEmpty)
    }

    @Test func deepFlowNestingIsNoRecursion() {
        #expect(!file(String(repeating: "{a: ", count: 100_000)).problems.isEmpty)
        #expect(!file("a: " + String(repeating: "[", count: 100_000)).problems.isEmpty)
    }

    @Test func noBytesStopTheProcess() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "redis", ":", " ", "\n", "  ", "{", "}", "[", "]", ",", "-", "&a", "*a", "'", "\"", "|", ">", "?", "#",
            "!t", "\t",
        ]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...60, using: &generator)
            var bytes = (0..<count).flatMap { _ in
                Array(pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8)
            }
            if Bool.random(using: &generator) { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
            _ = ConfigurationFile(path: "c.yaml", bytes: bytes)
        }
    }

    @Test func missingFilesAreTold() {
        let problems = ConfigurationFile(path: "/nowhere/c.yaml").problems
        #expect(
            problems.map(\.description) == [
                "the configuration file /nowhere/c.yaml cannot be read: No such file or directory"
            ])
        #expect((problems.first?.cause as? FileError)?.isMissing == true)
    }

    @Test func oversizedAndEndlessFilesAreRefused() {
        #expect(
            ConfigurationFile(path: "/dev/zero").problems.map(\.description) == [
                "the configuration file /dev/zero cannot be read: larger than 1048576 bytes"
            ])
    }

    @Test func aNamedPipeDoesNotHoldTheStartUp() throws {
        let path = NSTemporaryDirectory() + "ids-" + UUID().uuidString
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(ConfigurationFile(path: path).entries.isEmpty)
    }
}
