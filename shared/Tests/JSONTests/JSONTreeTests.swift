import Testing

@testable import JSON

@Suite("Parsing JSON texts")
struct JSONTreeTests {
    @Test(
        "Takes what RFC 8259 allows",
        arguments: [
            "{}", "[]", " \t\r\n{ } ", "0", "-0", "-1.5e+10", "1E3", "1e-2", "123456789012345678901234567890", "\"\"",
            "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "true", "false", "null", "[1,[2,[3]],{\"a\":{}}]",
            "{\"a\":1,\"b\":[true,null]}", "\"\u{7F}\"", "\"äöü€😀\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"",
            "{\"a\" : 1 , \"b\" : [ 1 , 2 ] }", "\"" + String(repeating: "x", count: 100) + "\"",
        ])
    func accepts(_ text: String) throws { #expect(try parse(text).raw.count > 0) }

    @Test(
        "Refuses everything else, and says where",
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("{", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1),
            ("{\"a\"", .unexpectedEnd, 4), ("{\"a\":", .unexpectedEnd, 5), ("[1,", .unexpectedEnd, 3),
            ("{\"a\":1", .unexpectedEnd, 6), ("\"abc", .unexpectedEnd, 4), ("\"a\\", .unexpectedEnd, 3),
            ("\"\\u00e", .unexpectedEnd, 6), ("tru", .unexpectedEnd, 3), ("{]", .unexpectedByte, 1),
            ("[}", .unexpectedByte, 1), ("{1:2}", .unexpectedByte, 1), ("{\"a\",1}", .unexpectedByte, 4),
            ("[1 2]", .unexpectedByte, 3), ("[1,]", .unexpectedByte, 3), ("{\"a\":1,}", .unexpectedByte, 7),
            ("{\"a\":NaN}", .unexpectedByte, 5), ("{\"a\":-NaN}", .invalidNumber, 5), ("Infinity", .unexpectedByte, 0),
            ("'a'", .unexpectedByte, 0), ("+1", .unexpectedByte, 0), ("nulL", .unexpectedByte, 3),
            ("01", .invalidNumber, 0), ("-", .invalidNumber, 0), ("1.", .invalidNumber, 0), (".5", .unexpectedByte, 0),
            ("1e", .invalidNumber, 0), ("1e+", .invalidNumber, 0), ("-01", .invalidNumber, 0),
            ("1 2", .trailingBytes, 2), ("{}{}", .trailingBytes, 2), ("nullx", .trailingBytes, 4),
            ("\"\u{01}\"", .controlByte, 1), ("\"abcdefgh\nij\"", .controlByte, 9), ("\"a\0b\"", .controlByte, 2),
            ("\0{}", .unexpectedByte, 0), ("\"\\x\"", .invalidEscape, 1), ("\"\\u00g0\"", .invalidEscape, 1),
            ("\u{FEFF}{}", .unexpectedByte, 0), ("{\"a\":1}\0", .trailingBytes, 7),
        ] as [(String, JSONError.Reason, Int)])
    func refuses(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        #expect(throws: JSONError(reason, offset: offset)) { try parse(text) }
    }

    @Test("Knows which bytes are UTF-8")
    func utf8() {
        let invalid: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x9F, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ]
        for bytes in invalid {
            let text = [UInt8(ascii: "\""), UInt8(ascii: "a")] + bytes + [UInt8(ascii: "\"")]
            #expect(throws: JSONError(.invalidUTF8, offset: 2), "\(bytes)") { try parse(text) }
            let repaired = text.withUnsafeBytes { JSONText.repairedUTF8($0) }
            #expect(throws: Never.self) { try parse(repaired) }
        }
    }

    @Test("Bounds nesting, and takes what lies just within", arguments: [1, 3, 20, 64])
    func depth(_ limit: Int) throws {
        var tree = JSONTree(limits: .init(depth: limit))
        func text(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        let within = text(limit)
        let beyond = text(limit + 1)
        #expect(throws: Never.self) { _ = try within.withUnsafeBytes { try tree.parse($0) } }
        #expect(throws: JSONError(.tooDeep, offset: limit)) { _ = try beyond.withUnsafeBytes { try tree.parse($0) } }
    }

    @Test("Bounds the number of values")
    func values() throws {
        var tree = JSONTree(limits: .init(values: 5000))
        let within = Array("[\([String](repeating: "1", count: 4999).joined(separator: ","))]".utf8)
        let beyond = Array("[\([String](repeating: "1", count: 5000).joined(separator: ","))]".utf8)
        #expect(throws: Never.self) { _ = try within.withUnsafeBytes { try tree.parse($0) } }
        let count = tree.count
        #expect(count == 5000)
        #expect(throws: JSONError.self) { _ = try beyond.withUnsafeBytes { try tree.parse($0) } }
    }

    @Test("Cut anywhere, a text is never taken for a whole one, and nothing is read past its end")
    func truncation() {
        let whole = Array("{\"a\":[1,-2.5e3,true,null,\"x\\u00e9y\"],\"bcdefghijk\":{\"c\":\"日本\"}}".utf8)
        var tree = JSONTree()
        for count in 0..<whole.count {
            // A copy of its own length, so that the address sanitizer sees a read past the end.
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
            defer { copy.deallocate() }
            copy.copyBytes(from: whole[..<count])
            #expect(throws: JSONError.self) { _ = try tree.parse(UnsafeRawBufferPointer(copy)) }
        }
    }
}

/// Parses and gives the root, in memory that lives as long as the process.
func parse(_ text: String, seed: UInt64 = 1) throws -> JSONNode { try parse(Array(text.utf8), seed: seed) }

/// Parses and gives the root, in memory that lives as long as the process.
func parse(_ bytes: [UInt8], seed: UInt64 = 1) throws -> JSONNode {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    let tree = KeptTree(seed: seed)
    _ = Unmanaged.passRetained(tree)
    return try tree.tree.parse(UnsafeRawBufferPointer(copy))
}

private final class KeptTree {
    var tree: JSONTree

    init(seed: UInt64) { tree = JSONTree(seed: seed) }
}
