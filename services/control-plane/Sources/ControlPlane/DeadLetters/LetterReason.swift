import Digest
import EventContract

/// What letters with the same trouble have in common: their reasons differ in values, and in places within a text.
struct LetterReason: Sendable, Hashable {
    private static let bytesMax = 300
    /// A store repeats from here on which document it is and what that says, which is anything.
    private static let quotations = [" in document with id ", "Preview of field's value:"]

    /// Who has given the letters up.
    let service: String
    /// The reason with `…` for what differs.
    let text: String
    /// The field that a store has refused, as `destination.ip`; nil when it is about none, or does not say which.
    let field: String?

    init(of letter: DeadLetter) {
        service = letter.origin.service
        text = Self.pattern(of: letter.reason)
        field = Self.field(in: letter.reason)
    }

    /// A short name, which stays the same from look to look.
    var key: String {
        let number = Array("\(service)\0\(text)".utf8).withUnsafeBytes { ContentHash.bits64($0) }
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Replaces what is quoted, and numbers.
    private static func pattern(of reason: String) -> String {
        var rest = Substring(reason.cut(before: quotations).utf8.prefix(4 * bytesMax))
        var pattern = ""
        var previous: Character = " "
        while let first = rest.first, pattern.utf8.count < bytesMax {
            if first == "'" || first == "\"", !previous.isLetter {
                let quoted = rest.dropFirst().prefix { $0 != first }
                rest = rest.dropFirst(quoted.count + 2)
                pattern += "\(first)…\(first)"
            } else if first.isASCII, first.isNumber, !previous.isLetter {
                rest = rest.drop { $0.isASCII && $0.isNumber }
                pattern += "…"
            } else {
                pattern.append(first)
                rest.removeFirst()
            }
            previous = first
        }
        return pattern.trimmed
    }

    /// The names before a field in what OpenSearch says; the first that is there counts.
    private static let introductions = [
        "object mapping for [", "dynamically add mapping for field [", "parse field [", "mapper [", "field [",
        "field=\"",
    ]

    private static func field(in reason: String) -> String? {
        let reason = reason.cut(before: quotations)
        for introduction in introductions {
            if let name = reason.text(after: introduction, until: "]\"") { return name }
        }
        guard let name = reason.text(after: "dynamic introduction of [", until: "]") else { return nil }
        guard let object = reason.text(after: "within [", until: "]"), object != "_doc" else { return name }
        return "\(object).\(name)"
    }

    /// Where the bytes stop making sense, counted from their start: what the reader of JSON says.
    static func offset(in reason: String) -> Int? {
        reason.range(ofText: " at byte ").flatMap { Int(reason[$0.upperBound...].prefix { $0.isASCII && $0.isNumber }) }
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }

    fileprivate func cut(before texts: [String]) -> Substring {
        texts.compactMap { range(ofText: $0)?.lowerBound }.min().map { self[..<$0] } ?? self[...]
    }
}

extension StringProtocol {
    /// Where a text stands for the first time. (Foundation's own is not linked.)
    fileprivate func range(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            formIndex(after: &start)
        }
        return nil
    }

    fileprivate func text(after introduction: String, until ends: String) -> String? {
        guard let introduction = range(ofText: introduction) else { return nil }
        let text = self[introduction.upperBound...].prefix { !ends.contains($0) }
        return text.isEmpty || text.utf8.count > 512 ? nil : String(text)
    }
}
