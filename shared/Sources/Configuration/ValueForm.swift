public import Logging

/// What kind of value a key takes, as far as a form on a screen asks.
public enum ValueKind: Sendable, Equatable {
    /// Also names, paths, addresses, secrets and lists.
    case text
    case boolean
    case choice([String])
    case integer(ClosedRange<Int>)
    case milliseconds(ClosedRange<Int>)
    /// Also written with a unit.
    case bytes(ClosedRange<Int>)
}

/// Type and range of a key: how its text is read, written and described.
public struct ValueForm<Value: Sendable>: Sendable {
    /// What is allowed, in words that complete "it takes …".
    public let allowed: String
    /// What a form on a screen offers for it.
    public let kind: ValueKind
    /// Whether the value must not be shown.
    public let isSecret: Bool
    /// Whether the value is a list: a sequence in the file, else items with commas between.
    public let isList: Bool

    /// The value that a text stands for; nil for what is not allowed.
    public let parse: @Sendable (String) -> Value?
    let text: @Sendable (Value) -> String
    /// The text as anybody may see it.
    let shown: @Sendable (Value) -> String

    /// Describes a type of value.
    ///
    /// - Parameters:
    ///   - allowed: completes "it takes …".
    ///   - kind: what a form on a screen offers for it.
    ///   - text: the value as it would be written; `parse` must take it back.
    ///   - shown: the same as anybody may see it; by default the mask for a secret.
    ///   - parse: nil for what is not allowed.
    public init(
        allowed: String, kind: ValueKind = .text, isSecret: Bool = false, isList: Bool = false,
        text: @escaping @Sendable (Value) -> String, shown: (@Sendable (Value) -> String)? = nil,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.allowed = allowed
        self.kind = kind
        self.isSecret = isSecret
        self.isList = isList
        self.text = text
        self.shown = shown ?? { isSecret && !text($0).isEmpty ? Secret.mask : text($0) }
        self.parse = parse
    }

    /// The same form, described in other words.
    public func described(as allowed: String) -> ValueForm {
        described(as: allowed, kind: kind)
    }

    private func described(as allowed: String, kind: ValueKind) -> ValueForm {
        ValueForm(
            allowed: allowed, kind: kind, isSecret: isSecret, isList: isList, text: text, shown: shown, parse: parse)
    }

    /// The same, or nothing: the empty text stands for nil.
    public var optional: ValueForm<Value?> {
        ValueForm<Value?>(
            allowed: allowed + ", or nothing", kind: kind, isSecret: isSecret, isList: isList,
            text: { $0.map(text) ?? "" },
            shown: { $0.map(shown) ?? "" },
            parse: { $0.isEmpty ? .some(nil) : parse($0).map(Optional.some) })
    }
}

extension ValueForm where Value == String {
    /// A text of 1 to 4096 bytes on one line.
    public static var text: ValueForm { text(allowed: "a text") }

    /// An absolute or relative path.
    public static var path: ValueForm { text(allowed: "a path") }

    /// A host name or an address.
    public static var host: ValueForm {
        ValueForm(
            allowed: "a host name or an address, without port or brackets", text: { $0 },
            parse: { HostAndPort.isHost($0) ? $0 : nil })
    }

    /// Letters, digits, `.`, `_`, `-`, `:`: what may stand in names of streams, groups, sensors.
    public static var name: ValueForm {
        text(allowed: "a name of letters, digits, `.`, `_`, `-`, `:`") { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-_:".utf8.contains(byte)
            }
        }
    }

    /// `http://host:port/path` or `https://…`, without credentials.
    public static var httpURL: ValueForm {
        ValueForm(
            allowed: "one URL `http://HOST[:PORT][/PATH]` or `https://…` without credentials", text: { $0 },
            parse: { text in
                let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
                guard let scheme, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"@?#,".utf8.contains($0) }) else {
                    return nil
                }
                return HostAndPort(text.dropFirst(scheme.count).prefix { $0 != "/" }) == nil ? nil : text
            })
    }

    /// A text of 1 to 4096 bytes without control bytes, all of which are allowed.
    public static func text(
        allowed: String, _ isAllowed: @escaping @Sendable (UInt8) -> Bool = { _ in true }
    ) -> ValueForm {
        ValueForm(
            allowed: allowed, text: { $0 },
            parse: { text in
                let fits = (1...4096).contains(text.utf8.count)
                return fits && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && isAllowed($0) } ? text : nil
            })
    }
}

extension ValueForm where Value == String? {
    /// A text of 1 to 4096 bytes on one line, or nothing.
    public static var optionalText: ValueForm { ValueForm<String>.text.optional }

    /// A path, or nothing.
    public static var optionalPath: ValueForm { ValueForm<String>.path.optional }
}

extension ValueForm where Value == Int {
    /// A whole number.
    public static func integer(in range: ClosedRange<Int>) -> ValueForm {
        ValueForm(
            allowed: "an integer from \(range.lowerBound) to \(range.upperBound)", kind: .integer(range),
            text: { String($0) },
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } })
    }

    /// A port of TCP.
    public static var port: ValueForm { integer(in: 1...65535) }

    /// A duration as a whole number of milliseconds.
    public static func milliseconds(in range: ClosedRange<Int>) -> ValueForm {
        integer(in: range).described(
            as: "milliseconds from \(range.lowerBound) to \(range.upperBound)", kind: .milliseconds(range))
    }

    /// A size in bytes: a whole number, alone or with `KiB`, `MiB`, `GiB`.
    public static func bytes(in range: ClosedRange<Int>) -> ValueForm {
        ValueForm(
            allowed: "bytes from \(sizeText(range.lowerBound)) to \(sizeText(range.upperBound)), as `65536` or `64KiB`",
            kind: .bytes(range),
            text: sizeText,
            parse: { text in
                let digits = text.prefix { $0.isASCII && $0.isNumber }
                let unit = text.dropFirst(digits.count).drop { $0 == " " }
                let shift = unit.isEmpty ? 0 : sizeUnits.first { $0.name == unit }?.shift
                guard let shift, let count = Int(digits), count <= Int.max >> shift else { return nil }
                return range.contains(count << shift) ? count << shift : nil
            })
    }
}

extension ValueForm where Value == Bool {
    /// `true` or `false`.
    public static var boolean: ValueForm {
        ValueForm(allowed: "`true` or `false`", kind: .boolean, text: { String($0) }, parse: { Bool($0) })
    }
}

extension ValueForm where Value == Secret {
    /// A text that is never shown.
    public static var secret: ValueForm {
        ValueForm(allowed: "a secret text", isSecret: true, text: { $0.reveal() }, parse: { Secret($0) })
    }
}

extension ValueForm where Value: RawRepresentable<String> & CaseIterable {
    /// One of the cases of an enumeration.
    public static var choice: ValueForm {
        let words = Value.allCases.map { "`\($0.rawValue)`" }
        return ValueForm(
            allowed: "one of " + words.joined(separator: ", "), kind: .choice(Value.allCases.map(\.rawValue)),
            text: { $0.rawValue },
            parse: { Value(rawValue: $0) })
    }
}

extension ValueForm {
    /// Some values, each of a form, with commas between; also in brackets, as YAML has them.
    ///
    /// - Parameter example: two items as they are written.
    public static func list<Item>(
        of item: ValueForm<Item>, count: ClosedRange<Int>, example: (String, String)
    ) -> ValueForm where Value == [Item] {
        ValueForm(
            allowed: "\(count.lowerBound) to \(count.upperBound) items as `\(example.0),\(example.1)` or "
                + "`[\(example.0), \(example.1)]`, each \(item.allowed)",
            isList: true, text: { $0.map(item.text).joined(separator: ",") },
            parse: { text in
                let whole = Substring(text).trimmingSpaces
                let parts = (whole.without("[", "]") ?? whole).split(separator: ",", omittingEmptySubsequences: false)
                    .map { $0.trimmingSpaces }.map { String($0.without("\"", "\"") ?? $0.without("'", "'") ?? $0) }
                let items = parts.compactMap(item.parse)
                return items.count == parts.count && count.contains(items.count) ? items : nil
            })
    }
}

private let sizeUnits: [(name: String, shift: Int)] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)]

/// The largest unit that gives a whole number.
private func sizeText(_ bytes: Int) -> String {
    for unit in sizeUnits where unit.shift > 0 && bytes > 0 && bytes & ((1 << unit.shift) - 1) == 0 {
        return "\(bytes >> unit.shift)\(unit.name)"
    }
    return String(bytes)
}

extension Substring {
    var trimmingSpaces: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    /// What stands between two marks at the ends; nil when they are not there.
    func without(_ first: Character, _ last: Character) -> Substring? {
        utf8.count >= 2 && self.first == first && self.last == last ? dropFirst().dropLast() : nil
    }
}
