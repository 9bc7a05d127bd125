public import JSON

/// Writes texts from outside so that they can neither end a line, nor leave their quotes, nor steer a terminal.
public enum TextEscaping {
    private static let hexDigits = Array("0123456789abcdef".utf8)
    /// More marks than any script sets on one letter would cover what stands around it.
    private static let marksMax = 4

    /// The text as `append` writes it.
    public static func visible(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a text in which all that cannot be seen, or that changes how its neighbours are seen, is a JSON escape:
    /// control and format characters, as those that turn the direction of text, blanks other than the usual one, and
    /// what combines with a letter that has four marks already.
    ///
    /// - Parameter bytesMax: a longer text is cut there and ends in `…`.
    static func append(
        _ text: String, to bytes: inout [UInt8], escapingQuotes: Bool = false, bytesMax: Int = .max
    ) {
        let start = bytes.count
        var marks = marksMax
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
            case " "..."~":
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
                marks = 0
            case _ where isMark(scalar):
                marks += 1
                if marks > marksMax { appendEscape(of: scalar, to: &bytes) } else { bytes += UTF8.encoded(scalar) }
            case _ where isInvisible(scalar): appendEscape(of: scalar, to: &bytes)
            default:
                bytes += UTF8.encoded(scalar)
                marks = 0
            }
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .spaceSeparator, .unassigned: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func appendEscape(of scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        for unit in String(scalar).utf16 {
            bytes += "\\u".utf8
            for shift in stride(from: 12, through: 0, by: -4) { bytes.append(hexDigits[Int(unit >> shift & 15)]) }
        }
    }
}

/// A text from outside as a JSON string in which all is visible, as ``TextEscaping`` makes it.
public struct VisibleText: JSONWritable {
    private let text: String
    private let bytesMax: Int

    /// - Parameter bytesMax: a longer text is cut there and ends in `…`.
    public init(_ text: String, bytesMax: Int = .max) {
        (self.text, self.bytesMax) = (text, bytesMax)
    }

    /// Writes the string.
    public func write(to writer: inout JSONWriter) {
        writer.text { TextEscaping.append(text, to: &$0, escapingQuotes: true, bytesMax: bytesMax) }
    }
}

extension UTF8 {
    fileprivate static func encoded(_ scalar: Unicode.Scalar) -> EncodedScalar {
        encode(scalar) ?? encodedReplacementCharacter
    }
}
