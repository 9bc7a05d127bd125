import Testing

@testable import JSON

@Suite("Walking values")
struct JSONNodeTests {
    @Test("Members and elements in order, with their raw text")
    func walk() throws {
        let root = try parse(" {\"a\" : [1, {\"b\":[]} ,\"x\"], \"c\":{}, \"d\":-0.5} ")
        #expect(root.members.map(\.key.text) == ["a", "c", "d"])
        #expect(root.members.map(\.value.kind) == [.array, .object, .real])
        #expect(root["a"]?.elements.map(\.rawText) == ["1", "{\"b\":[]}", "\"x\""])
        #expect(root["a"]?.elements.map(\.kind) == [.integer, .object, .string])
        #expect(root["d"]?.rawText == "-0.5")
        #expect(root["e"] == nil && root["a"]?["b"] == nil)
        #expect(root["c"]?.offset == 32)
        #expect(root["c"]?.members.map(\.key.text) == [])
        #expect(root["a"]?.onlyElement == nil)
        #expect(try parse("[7]").onlyElement?.int64 == 7)
    }

    @Test("Numbers at the ends of their ranges")
    func numbers() throws {
        #expect(try parse("9223372036854775807").int64 == .max)
        #expect(try parse("9223372036854775808").int64 == nil)
        #expect(try parse("-9223372036854775808").int64 == .min)
        #expect(try parse("-9223372036854775809").int64 == nil)
        #expect(try parse("18446744073709551615").uint64 == .max)
        #expect(try parse("18446744073709551616").uint64 == nil)
        #expect(try parse("-1").uint64 == nil)
        #expect(try parse("1.0").int64 == 1)
        #expect(try parse("1.5").int64 == nil)
        #expect(try parse("4e3").uint64 == 4_000)
        #expect(try parse("-1.0").uint64 == nil)
        #expect(try parse("\"1\"").int64 == nil)
        #expect(try parse("-1.25e2").double == -125)
        #expect(try parse("7").double == 7)
        #expect(try parse("true").bool == true && parse("false").bool == false)
        #expect(try parse("1").bool == nil)
    }

    @Test(
        "Strings are decoded",
        arguments: [
            ("\"\"", ""), ("\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d"), ("\"\\b\\f\\n\\r\\t\"", "\u{8}\u{C}\n\r\t"),
            ("\"\\u00e9\\u20AC\"", "é€"), ("\"\\ud83d\\ude00!\"", "😀!"), ("\"\\ud83d\"", "\u{FFFD}"),
            ("\"\\ud83dx\"", "\u{FFFD}x"), ("\"\\ude00\"", "\u{FFFD}"), ("\"\\ud83d\\u0041\"", "\u{FFFD}A"),
            ("\"\\u0000\"", "\0"),
        ])
    func strings(_ text: String, _ decoded: String) throws {
        #expect(try parse(text).string == decoded)
        var quoted: [UInt8] = []
        JSONText.appendQuoted(decoded, to: &quoted)
        #expect(try parse(quoted).string == decoded)
    }

    @Test("Texts are compared decoded", arguments: ["a", "src_port", "event_type", "a_long_key_of_more_than_16_bytes"])
    func equality(_ key: String) throws {
        let root = try parse("{\"\(key)\":1}")
        let node = try #require(root.members.first { _ in true }).key
        #expect(node.isEqual(to: "a") == (key == "a"))
        #expect(node.isEqual(to: "src_port") == (key == "src_port"))
        #expect(node.isEqual(to: "event_type") == (key == "event_type"))
        #expect(try parse("\"\\u0061\"").isEqual(to: "a"))
    }

    @Test("A table finds just its keys, at every length", arguments: [1, 2, 3])
    func table(_ seed: UInt64) throws {
        let keys = (0..<40).map { String(repeating: "k", count: $0) } + ["src_ip", "src_port", "src_ip"]
        let hash = JSONKeyHash(seed: seed)
        let table = JSONKeyTable(keys, hash: hash)
        let text = "{" + keys.dropLast().map { "\"\($0)\":0" }.joined(separator: ",") + ",\"other\":1}"
        let root = try parse(text, seed: seed)
        #expect(root.members.map { table.find($0.key) } == Array(0..<42) + [nil])
        let found = Array("src_port".utf8).withUnsafeBytes { table.find($0) }
        #expect(found == 41)
    }
}

@Suite("Keys that occur twice")
struct DuplicateKeyTests {
    @Test(
        "The last one counts, wherever it is",
        arguments: [
            ("{\"a\":1,\"a\":2}", "{\"a\":2}"), ("{\"a\":{\"b\":1},\"c\":3,\"a\":4}", "{\"c\":3,\"a\":4}"),
            ("{\"a\":1,\"\\u0061\":2}", "{\"\\u0061\":2}"), ("{\"\\u0061\":1,\"a\":2}", "{\"a\":2}"),
            ("{\"x\":{\"a\":1,\"a\":[{\"b\":1,\"b\":2}]}}", "{\"x\":{\"a\":[{\"b\":2}]}}"),
            ("{\"\":1,\"\":2}", "{\"\":2}"), ("{\"a\":1,\"a\":2,\"a\":3}", "{\"a\":3}"),
        ])
    func last(_ text: String, _ unique: String) throws {
        let bytes = Array(text.utf8)
        var tree = JSONTree()
        try bytes.withUnsafeBytes { bytes in
            let root = try tree.parse(bytes)
            var output: [UInt8] = []
            root.appendWithoutDuplicates(to: &output)
            #expect(String(decoding: output, as: UTF8.self) == unique)
        }
        let hasDuplicates = tree.hasDuplicateKeys
        #expect(hasDuplicates)
    }

    @Test("The same key in different objects is none, text after text")
    func none() throws {
        var tree = JSONTree()
        let bytes = Array("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}".utf8)
        for _ in 0..<1000 {
            #expect(try !hasDuplicates(bytes, &tree))
        }
    }

    @Test("Among 50,000 keys the one that is twice is found, and none else", .timeLimit(.minutes(1)))
    func many() throws {
        var tree = JSONTree()
        let unique = (0..<50_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        for (text, expected) in [("{\(unique)}", false), ("{\(unique),\"key31415\":0}", true)] {
            let bytes = Array(text.utf8)
            #expect(try hasDuplicates(bytes, &tree) == expected)
        }
        #expect(try !hasDuplicates(Array("{\"a\":1}".utf8), &tree))
    }

    @Test("Where they are not looked for, all members are there")
    func notLookedFor() throws {
        var tree = JSONTree(findsDuplicateKeys: false)
        let bytes = Array("{\"a\":1,\"b\":2,\"a\":3}".utf8)
        #expect(try bytes.withUnsafeBytes { try tree.parse($0).members.map { $0.value.rawText } } == ["1", "2", "3"])
        #expect(try !hasDuplicates(bytes, &tree))
    }

    private func hasDuplicates(_ text: [UInt8], _ tree: inout JSONTree) throws -> Bool {
        _ = try text.withUnsafeBytes { try tree.parse($0) }
        return tree.hasDuplicateKeys
    }
}

extension JSONNode {
    fileprivate var rawText: String { String(decoding: raw, as: UTF8.self) }
    fileprivate var text: String { string ?? "" }
}
