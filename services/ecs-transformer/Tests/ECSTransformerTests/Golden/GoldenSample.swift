import Foundation
import JSON

@testable import ECSTransformer

/// An event and the document that it must become: `NAME.eve.json` and `NAME.ecs.json` in `Tests/Samples`.
struct GoldenSample: Sendable {
    /// A row of the table of fields: fields that have the same value from the same place.
    struct Row: Sendable {
        var fields: [String]
        var value: String
        /// The member of the event that holds the value; nil where it was made of several or of none.
        var member: String?
    }

    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Samples")

    /// The names of all samples in order.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }()

    /// All samples, mapped once for all tests.
    static let all = Result { try names.map(GoldenSample.init) }

    static func named(_ name: String) throws -> GoldenSample {
        guard let sample = try all.get().first(where: { $0.name == name }) else { throw NoSample(name: name) }
        return sample
    }

    /// The year 2096, so that no sample comes from the future.
    private static let readTime: Int64 = 4_000_000_000_000_000_000
    private static let suffix = ".eve.json"

    let name: String
    /// The event's type, as a position in `LineMapper.typeNames`.
    private(set) var typeIndex = 0
    /// The event, and the document that it becomes, in lines of readable length.
    private(set) var event = ""
    private(set) var document = ""
    /// The document with the copy of the event left out.
    private(set) var shortDocument = ""
    private(set) var rows: [Row] = []

    private init(_ name: String) throws {
        self.name = name
        let file = Self.folder.appendingPathComponent(name + Self.suffix)
        let line = Array(try Data(contentsOf: file)).prefix { $0 != 0x0A }
        var mapper = LineMapper()
        var failure: (any Error)?
        try Array(line).withUnsafeBytes { line in
            var tree = JSONTree()
            event = JSONLines.text(try tree.parse(line))
            mapper.map(line, readTime: Self.readTime) { _, _, outcome in
                do { try take(outcome) } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    private mutating func take(_ outcome: LineMapper.Outcome) throws {
        guard case .document(let mapped) = outcome else { throw NotOneEvent() }
        typeIndex = mapped.typeIndex
        var tree = JSONTree()
        let root = try tree.parse(mapped.bytes)
        document = JSONLines.text(root) + "\n"
        guard let eve = root["suricata"]?["eve"] else { throw NotOneEvent() }
        let short =
            Array(mapped.bytes[..<eve.offset]) + Array(#"{"…":"the event"}"#.utf8)
            + Array(mapped.bytes[(eve.offset + eve.raw.count)...])
        rows = try Self.rows(of: Array(eve.raw))
        shortDocument = try short.withUnsafeBytes { JSONLines.text(try tree.parse($0)) }
    }

    /// The document that was agreed on.
    var agreedDocument: URL { Self.folder.appendingPathComponent("\(name).ecs.json") }

    /// The table for an event whose secrets are masked, so that no value has to lie elsewhere than in its bytes.
    private static func rows(of event: [UInt8]) throws -> [Row] {
        var settings = MappingSettings()
        settings.masksSecrets = false
        var mapper = LineMapper(settings)
        return try event.withUnsafeBytes { event in
            mapper.map(event, readTime: readTime) { _, _, _ in }
            var tree = JSONTree()
            return rows(mapper.mapping.document, Leaf.all(of: try tree.parse(event)))
        }
    }

    private static func rows(_ document: borrowing Document, _ leaves: [Leaf]) -> [Row] {
        var rows: [Row] = []
        for field in ECSField.allCases where field != .suricataEVE && document.has(field) {
            let values = document.encodedValues(of: field)
            let members = values.map { value in Leaf.holding(value, leaves)?.path }
            let isKnown = members.allSatisfy { $0 != nil }
            let member = isKnown ? unique(members.compactMap { $0 }).joined(separator: "`, `") : nil
            let value = values.map { String(decoding: $0.buffer, as: UTF8.self) }.joined(separator: ", ")
            if let index = rows.firstIndex(where: { $0.value == value && $0.member == member && member != nil }) {
                rows[index].fields.append(field.rawValue)
            } else {
                rows.append(Row(fields: [field.rawValue], value: value, member: member))
            }
        }
        return rows
    }

    private static func unique(_ paths: [String]) -> [String] {
        paths.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// `Tests/Samples` has no event of that name.
struct NoSample: Error {
    let name: String
}

/// A value of an event and where it stands.
struct Leaf {
    let path: String
    let text: EncodedText

    static func all(of node: JSONNode, path: String = "") -> [Leaf] {
        switch node.kind {
        case .object:
            return node.members.flatMap { key, value in
                all(of: value, path: path + (path.isEmpty ? "" : ".") + (key.string ?? ""))
            }
        case .array: return node.elements.flatMap { all(of: $0, path: path + "[]") }
        default: return [Leaf(path: path, text: EncodedText(node.content))]
        }
    }

    /// The one whose own bytes the value is or lies in, else the only one that says the same.
    static func holding(_ value: EncodedText, _ leaves: [Leaf]) -> Leaf? {
        let same = leaves.filter {
            $0.text.bytes <= value.bytes && value.bytes + value.count <= $0.text.bytes + $0.text.count
        }
        if let leaf = same.first { return leaf }
        // Short words and numbers are equal by chance.
        let text = normalized(value)
        guard text.count > 2 else { return nil }
        let equal = leaves.filter { normalized($0.text) == text && !["app_proto", "event_type"].contains($0.path) }
        return Set(equal.map(\.path)).count == 1 ? equal.first : nil
    }

    /// Without regard to case, to what stands between parts, and to the way in which UTC is named.
    private static func normalized(_ text: EncodedText) -> String {
        let text = String(decoding: text.buffer, as: UTF8.self).lowercased()
        let letters = String(text.filter { !":-_ ".contains($0) })
        if letters.hasSuffix("+0000") { return String(letters.dropLast(5)) }
        return text.count == 27 && text.hasSuffix("z") ? String(letters.dropLast()) : letters
    }
}

extension Document {
    /// The values of a field as they are written, without quotes.
    func encodedValues(of field: ECSField) -> [EncodedText] {
        guard field.isArray else { return [text(of: field)].compactMap { $0 } }
        var values: [EncodedText] = []
        var index = chains[field.slot].first
        while index >= 0 {
            let element = elements[Int(index)]
            values.append(EncodedText(element.value.bytes, count: Int(element.value.count)))
            index = element.next
        }
        return values
    }
}

/// JSON in lines of readable length: what fits into one line stays in one.
enum JSONLines {
    private static let width = 112

    static func text(_ node: JSONNode, indentation: String = "", used: Int = 0) -> String {
        let line = oneLine(node)
        guard indentation.count + used + line.count > width else { return line }
        let inner = indentation + "  "
        switch node.kind {
        case .object:
            let members = node.members.map { key, value in
                let key = String(decoding: key.raw, as: UTF8.self)
                return inner + key + ": " + text(value, indentation: inner, used: key.count + 3)
            }
            return "{\n" + members.joined(separator: ",\n") + "\n\(indentation)}"
        case .array:
            let elements = node.elements.map { inner + text($0, indentation: inner, used: 1) }
            return "[\n" + elements.joined(separator: ",\n") + "\n\(indentation)]"
        default: return line
        }
    }

    private static func oneLine(_ node: JSONNode) -> String {
        switch node.kind {
        case .object:
            let members = node.members.map { "\(String(decoding: $0.raw, as: UTF8.self)): \(oneLine($1))" }
            return "{" + members.joined(separator: ", ") + "}"
        case .array: return "[" + node.elements.map(oneLine).joined(separator: ", ") + "]"
        default: return String(decoding: node.raw, as: UTF8.self)
        }
    }
}
