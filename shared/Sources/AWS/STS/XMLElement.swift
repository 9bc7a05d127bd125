/// A small part of XML, for the answers of AWS' query services: elements and text, no mixture of both.
///
/// Declarations and attributes are passed over; comments, CDATA and document types are refused, as are entities beyond the five of XML and
/// characters by number.
struct XMLElement: Equatable {
    private static let depthMax = 16
    private static let bytesMax = 1 << 16

    let name: String
    /// The text of an element without elements.
    private(set) var text = ""
    private(set) var children: [XMLElement] = []

    /// The first child with this name.
    subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The root of a document; nil for anything else.
    static func parse(_ bytes: [UInt8]) -> XMLElement? {
        guard bytes.count <= bytesMax, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rest = text[...]
        if rest.hasPrefix("<?xml") {
            guard let end = rest.firstRange(of: "?>") else { return nil }
            rest = rest[end.upperBound...]
        }
        guard let root = element(&rest, depth: 1), rest.allSatisfy(\.isWhitespace) else { return nil }
        return root
    }

    private static func element(_ rest: inout Substring, depth: Int) -> XMLElement? {
        rest = rest.drop(while: \.isWhitespace)
        guard depth <= depthMax, let tag = nextTag(&rest), let first = tag.first, first.isLetter else { return nil }
        let isEmpty = tag.hasSuffix("/")
        let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" })
        var element = XMLElement(name: name)
        if isEmpty { return element }
        while true {
            let content = rest.prefix { $0 != "<" }
            rest = rest[content.endIndex...]
            if rest.hasPrefix("</") {
                if element.children.isEmpty {
                    guard let text = decoded(content) else { return nil }
                    element.text = text
                } else if !content.allSatisfy(\.isWhitespace) {
                    return nil
                }
                return nextTag(&rest) == "/" + name ? element : nil
            }
            guard content.allSatisfy(\.isWhitespace), let child = Self.element(&rest, depth: depth + 1) else {
                return nil
            }
            element.children.append(child)
        }
    }

    /// What stands between the next `<` and its `>`.
    private static func nextTag(_ rest: inout Substring) -> Substring? {
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        defer { rest = rest[rest.index(after: end)...] }
        return rest[..<end].dropFirst()
    }

    private static func decoded(_ text: Substring) -> String? {
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            guard character == "&" else {
                result.append(character)
                continue
            }
            guard let end = rest.firstIndex(of: ";"), let decoded = entity(rest[..<end]) else { return nil }
            result.append(decoded)
            rest = rest[rest.index(after: end)...]
        }
        return result
    }

    private static func entity(_ name: Substring) -> Character? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return code.flatMap(UnicodeScalar.init).map(Character.init)
        }
    }
}
