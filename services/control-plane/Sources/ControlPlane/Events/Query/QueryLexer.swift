/// Cuts a query into its parts.
struct QueryLexer {
    enum Token: Equatable {
        case open, close, or, and, not
        /// Text between quotes; the flag says that a `*` follows.
        case phrase(String, isPrefix: Bool)
        /// Text without quotes, as it stands.
        case text(String)
        /// The name of a field, with what follows its colon.
        case field(String, QueryValue)
    }

    struct Part: Equatable {
        let token: Token
        let range: Range<Int>
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The parts in order.
    static func parts(of text: String) throws(QueryError) -> [Part] {
        var lexer = QueryLexer(text)
        var parts: [Part] = []
        while let part = try lexer.next() { parts.append(part) }
        return parts
    }

    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func next() throws(QueryError) -> Part? {
        while let byte, Self.isSpace(byte) { index += 1 }
        guard let byte else { return nil }
        let start = index
        let token: Token
        switch byte {
        case UInt8(ascii: "("):
            index += 1
            token = .open
        case UInt8(ascii: ")"):
            index += 1
            token = .close
        case UInt8(ascii: "-") where start + 1 < bytes.count && !Self.isSpace(bytes[start + 1]):
            index += 1
            token = .not
        case UInt8(ascii: "\""):
            let text = try quoted()
            token = .phrase(text, isPrefix: takes("*"))
        default: token = try word()
        }
        return Part(token: token, range: start..<index)
    }

    private mutating func word() throws(QueryError) -> Token {
        let start = index
        while let byte, !Self.ends(byte), byte != UInt8(ascii: ":") { index += 1 }
        let name = text(start..<index)
        if byte == UInt8(ascii: ":"), isFieldName(name), !isAddress(from: start) {
            index += 1
            return .field(name, try value())
        }
        while let byte, !Self.ends(byte) { index += 1 }
        switch text(start..<index) {
        case "OR", "||": return .or
        case "AND", "&&": return .and
        case "NOT": return .not
        case let text: return .text(text)
        }
    }

    /// Names begin with a letter; what goes on with `//` is the address of a page.
    private func isFieldName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first == UInt8(ascii: "@") || (first | 0x20) &- UInt8(ascii: "a") < 26 else {
            return false
        }
        return index + 2 >= bytes.count || bytes[index + 1] != UInt8(ascii: "/")
            || bytes[index + 2] != UInt8(ascii: "/")
    }

    /// Addresses of IPv6 and of hardware have colons, too.
    private func isAddress(from start: Int) -> Bool {
        let end = bytes[start...].firstIndex(where: Self.ends) ?? bytes.count
        let word = text(start..<end)
        return QueryNetwork(word) != nil || HardwareAddress.documentForm(word) != nil
    }

    private mutating func value() throws(QueryError) -> QueryValue {
        let start = index
        let kind: QueryValue.Kind
        if takes(">=") {
            kind = .order(.atLeast, try item())
        } else if takes(">") {
            kind = .order(.above, try item())
        } else if takes("<=") {
            kind = .order(.atMost, try item())
        } else if takes("<") {
            kind = .order(.below, try item())
        } else if takes("[") {
            kind = try range(from: start)
        } else {
            var items = [try item()]
            while takes(",") { items.append(try item()) }
            guard items.count <= QueryParser.listCountMax else {
                throw QueryError(start..<index, "A list may have at most \(QueryParser.listCountMax) values.")
            }
            kind = .any(items)
        }
        if let byte, !Self.ends(byte) {
            throw QueryError(index..<index + 1, "After a value comes a space.")
        }
        return QueryValue(kind: kind, range: start..<index)
    }

    private mutating func range(from start: Int) throws(QueryError) -> QueryValue.Kind {
        let end = bytes[index...].firstIndex(of: UInt8(ascii: "]"))
        guard let end else { throw QueryError(start..<bytes.count, "The range has no \"]\" at its end.") }
        let content = index..<end
        let dots = bytes[content].indices.first {
            $0 + 1 < end && bytes[$0] == UInt8(ascii: ".") && bytes[$0 + 1] == UInt8(ascii: ".")
        }
        guard let dots else {
            throw QueryError(start..<end + 1, "A range is written as [1..1023], with * for an open end.")
        }
        index = end + 1
        func edge(_ range: Range<Int>) -> QueryValue.Item? {
            let words = text(range).split(separator: " ").joined(separator: " ")
            return words.isEmpty || words == "*" ? nil : QueryValue.Item(text: words, isQuoted: true, range: range)
        }
        return .range(edge(content.lowerBound..<dots), edge(dots + 2..<content.upperBound))
    }

    private mutating func item() throws(QueryError) -> QueryValue.Item {
        let start = index
        if byte == UInt8(ascii: "\"") {
            let text = try quoted()
            let isPrefix = takes("*")
            return QueryValue.Item(text: text, isPrefix: isPrefix, isQuoted: true, range: start..<index)
        }
        while let byte, !Self.ends(byte), byte != UInt8(ascii: ",") { index += 1 }
        guard index > start else { throw QueryError(start..<start, "Here a value is missing.") }
        var item = QueryValue.Item(text: text(start..<index), range: start..<index)
        if item.text == "*" { return item }
        if item.text.hasPrefix("*.") {
            item.isDomain = true
            item.text.removeFirst(2)
        } else if item.text.hasSuffix("*") {
            item.isPrefix = true
            item.text.removeLast()
        }
        guard !item.text.contains("*") else {
            throw QueryError(
                start..<index,
                "A * may stand at the end of a value, or as *. before a domain; put quotes around it if it is meant itself."
            )
        }
        return item
    }

    private mutating func quoted() throws(QueryError) -> String {
        let start = index
        index += 1
        var content: [UInt8] = []
        while let byte {
            index += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let next = self.byte {
                content.append(next)
                index += 1
            } else {
                content.append(byte)
            }
        }
        throw QueryError(start..<bytes.count, "The quotes are not closed.")
    }

    private mutating func takes(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: count)
        guard index + count <= bytes.count, bytes[index..<index + count].elementsEqual(wanted) else { return false }
        index += count
        return true
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte <= UInt8(ascii: " ") }

    private static func ends(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "\"")
    }
}

/// What stands behind the colon of a field.
struct QueryValue: Equatable {
    struct Item: Equatable {
        var text: String
        var isPrefix = false
        var isDomain = false
        var isQuoted = false
        let range: Range<Int>
    }

    enum Order: Equatable {
        case atLeast, above, atMost, below
    }

    enum Kind: Equatable {
        case any([Item])
        case order(Order, Item)
        case range(Item?, Item?)
    }

    let kind: Kind
    let range: Range<Int>

    /// The plain values; empty for an order or a range.
    var words: String {
        guard case .any(let items) = kind else { return "" }
        return items.map(\.text).joined(separator: ",")
    }
}

/// The address of a network card.
enum HardwareAddress {
    /// As documents write it: `02-00-00-AB-CD-EF`; nil for anything else than six pairs of digits.
    static func documentForm(_ text: String) -> String? {
        let pairs = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
        guard pairs.count == 6, pairs.allSatisfy({ $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }) else {
            return nil
        }
        return pairs.joined(separator: "-").uppercased()
    }
}
