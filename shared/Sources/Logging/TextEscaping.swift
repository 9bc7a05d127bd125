/// Writes texts from outside so that they can neither end a line, nor leave their quotes, nor steer a terminal.
package enum TextEscaping {
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Appends a JSON string with its quotes.
    package static func appendQuoted(_ text: String, to bytes: inout [UInt8], bytesMax: Int = .max) {
        bytes.append(UInt8(ascii: "\""))
        append(text, to: &bytes, escapingQuotes: true, bytesMax: bytesMax)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a text in which control characters are JSON escapes.
    ///
    /// - Parameter bytesMax: a longer text is cut there and ends in `…`.
    package static func append(
        _ text: String, to bytes: inout [UInt8], escapingQuotes: Bool = false, bytesMax: Int = .max
    ) {
        let start = bytes.count
        for scalar in text.unicodeScalars {
            if bytes.count - start >= bytesMax {
                bytes += "…".utf8
                return
            }
            switch scalar {
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case "\"" where escapingQuotes: bytes += "\\\"".utf8
            case "\\" where escapingQuotes: bytes += "\\\\".utf8
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                bytes += "\\u00".utf8
                bytes += [hexDigits[Int(scalar.value >> 4)], hexDigits[Int(scalar.value & 15)]]
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }
}
