import Testing

@testable import JSON

@Suite("Writing JSON texts")
struct JSONTextTests {
    @Test("Escapes what must be escaped and nothing else")
    func escapes() {
        var output: [UInt8] = []
        JSONText.appendQuoted("a\"b\\c/\u{1}\n\u{1F}é\u{7F}", to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "\"a\\\"b\\\\c/\\u0001\\n\\u001fé\u{7F}\"")
    }

    @Test("Bytes that are not UTF-8 become U+FFFD")
    func repair() {
        var output: [UInt8] = []
        let bytes: [UInt8] = [UInt8(ascii: "a"), 0xFF, UInt8(ascii: "\""), 0xC3, 0xA9, 0xC3]
        bytes.withUnsafeBytes { JSONText.appendQuoted($0, to: &output) }
        #expect(String(decoding: output, as: UTF8.self) == "\"a\u{FFFD}\\\"é\u{FFFD}\"")
    }

    @Test("Masking leaves all other bytes where they are")
    func mask() {
        let bytes: [UInt8] = [0xFF, 0x61, 0xC3, 0xA9, 0xC3, 0xE2, 0x82, 0x22]
        let masked = bytes.withUnsafeBytes { JSONText.maskedUTF8($0) }
        #expect(masked == [0x3F, 0x61, 0xC3, 0xA9, 0x3F, 0x3F, 0x3F, 0x22])
    }

    @Test("Integers", arguments: [0, 7, -7, 10, .max, .min] as [Int64])
    func integers(_ value: Int64) {
        var output: [UInt8] = []
        JSONText.append(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "\(value)")
        #expect(output.withUnsafeBytes { JSONText.integer($0) } == value)
    }

    @Test("What is no integer", arguments: ["", "-", "+1", "1.0", " 1", "12a", "9223372036854775808"])
    func noInteger(_ text: String) { #expect(Array(text.utf8).withUnsafeBytes { JSONText.integer($0) } == nil) }

    @Test(
        "Numbers are scaled without losing a digit",
        arguments: [
            ("0", 0, 0, true), ("2.0", 0, 2, true), ("2.5", 0, 2, false), ("-2.5", 1, -25, true),
            ("1e3", 0, 1_000, true),
            ("1.25E+2", 0, 125, true), ("1200e-2", 0, 12, true), ("1234", -2, 12, false), ("0.001", 2, 0, false),
            ("9223372036854775807", 0, .max, true), ("-9223372036854775808.0", 0, .min, true),
            ("922337203685477580.7", 1, .max, true), ("0e999999999999999999999", 0, 0, true),
            ("1e-999999999999999999999", 0, 0, false), ("007", 0, 7, true),
        ] as [(String, Int, Int64, Bool)])
    func scaled(text: String, power: Int, whole: Int64, isExact: Bool) throws {
        let number = try #require(Array(text.utf8).withUnsafeBytes { JSONText.scaled($0, byPowerOfTen: power) })
        #expect(number == (whole, isExact))
    }

    @Test(
        "What is no number, or too large, has no scaled value",
        arguments: [
            "", "-", ".5", "1.", "1.e3", "1e", "1e+", "1e1x", "x", "+1", "1 ", "9223372036854775808",
            "-9223372036854775809", "1e19", "1e999999999999999999999",
        ])
    func notScaled(text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { JSONText.scaled($0, byPowerOfTen: 0) } == nil)
    }
}
