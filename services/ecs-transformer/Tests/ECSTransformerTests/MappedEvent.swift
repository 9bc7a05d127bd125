import JSON
import Testing

@testable import ECSTransformer

/// What one line has become, for looking into.
struct MappedEvent {
    /// The document; empty when the line was rejected.
    var document = ""
    var time: Int64 = 0
    var isTimeUsable = false
    var type = ""
    var alertSeverity: Int64?
    /// Each leaf of the document, outside of `suricata.eve`, by its path: strings decoded, arrays and the rest as JSON.
    var fields: [String: String] = [:]

    /// The value of a field.
    subscript(_ path: String) -> String? { fields[path] }

    /// The object `suricata.eve` as it stands in the document.
    var eve: String { fields["suricata.eve"] ?? "" }

    init(_ document: MappedDocument) throws {
        self.document = String(decoding: document.bytes, as: UTF8.self)
        time = document.time
        isTimeUsable = document.isTimeUsable
        type = LineMapper.typeNames[document.typeIndex]
        alertSeverity = document.alertSeverity
        var tree = JSONTree()
        let root = try tree.parse(document.bytes)
        let hasDuplicates = tree.hasDuplicateKeys
        #expect(!hasDuplicates, "a key is there twice")
        collect(root, path: "")
    }

    private mutating func collect(_ object: JSONNode, path: String) {
        for (key, value) in object.members {
            let path = path + (path.isEmpty ? "" : ".") + (key.string ?? "")
            if value.kind == .object, path != "suricata.eve" {
                collect(value, path: path)
            } else {
                fields[path] = value.string ?? String(decoding: value.raw, as: UTF8.self)
            }
        }
    }
}

/// A part of a line, and what it has become.
enum MappedPart {
    case event(MappedEvent, offset: Int)
    case rejected(Rejection, bytes: [UInt8], offset: Int)
}

/// 2026-03-01T00:00:00Z, when all lines of the tests are read.
let testReadTime: Int64 = 1_772_323_200_000_000_000

/// Maps one line of bytes.
func mapParts(_ line: [UInt8], settings: MappingSettings = MappingSettings()) throws -> [MappedPart] {
    var mapper = LineMapper(settings)
    return try mapParts(line, &mapper)
}

/// Maps one line of bytes by a mapper that is there already.
func mapParts(
    _ line: [UInt8], _ mapper: inout LineMapper, readTime: Int64 = testReadTime
) throws -> [MappedPart] {
    var parts: [MappedPart] = []
    var failure: (any Error)?
    line.withUnsafeBytes { line in
        mapper.map(line, readTime: readTime) { part, offset, outcome in
            switch outcome {
            case .document(let document):
                do { parts.append(.event(try MappedEvent(document), offset: offset)) } catch { failure = error }
            case .rejected(let rejection):
                parts.append(.rejected(rejection, bytes: Array(part), offset: offset))
            }
        }
    }
    if let failure { throw failure }
    return parts
}

/// Maps a line that becomes one event.
func map(_ line: String, settings: MappingSettings = MappingSettings()) throws -> MappedEvent {
    let parts = try mapParts(Array(line.utf8), settings: settings)
    guard parts.count == 1, case .event(let event, 0) = parts[0] else {
        Issue.record("not one event: \(parts)")
        throw NotOneEvent()
    }
    return event
}

/// Maps an event of that type, with the members that every event has and those that are given as JSON.
func map(_ type: String, _ members: String, settings: MappingSettings = MappingSettings()) throws -> MappedEvent {
    try map(
        """
        {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1,"event_type":"\(type)","src_ip":"192.168.1.5",\
        "src_port":40000,"dest_ip":"81.2.69.143","dest_port":443,"proto":"TCP",\(members)}
        """, settings: settings)
}

struct NotOneEvent: Error {}

/// Expects fields to have just these values; nil where a field must not be there.
func expect(
    _ event: MappedEvent, _ fields: KeyValuePairs<String, String?>,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    for (path, value) in fields {
        #expect(event[path] == value, "\(path)", sourceLocation: sourceLocation)
    }
}
