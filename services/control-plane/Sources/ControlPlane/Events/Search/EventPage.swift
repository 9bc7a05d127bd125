import EventStore
import JSON

/// All about one event, as JSON that is ready to be sent.
struct EventPage: Sendable {
    private static let flowEventsMax = 100

    /// The group of an alert.
    let group: Int64?
    private let row: [UInt8]
    private let document: [UInt8]
    private let rule: [UInt8]?
    private let flow: [[UInt8]]
    private let packet: [UInt8]?
    private let payload: [UInt8]?

    /// nil when the store does not have the event, or no longer.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    init?(_ id: String, _ reader: EventReader) throws {
        guard let stored = try reader.event(id: id) else { return nil }
        var parts: (row: [UInt8], rule: [UInt8]?, packet: [UInt8]?, payload: [UInt8]?, group: Int64?, flow: String?)?
        try reader.store()?.visit(stored.sequence...stored.sequence, newestFirst: true) { event in
            try reader.withDocument(event) { document in
                let eve = document["suricata"]?["eve"]
                parts = (
                    EventRow(event: event, document: document, reader: reader).json, Self.rule(document),
                    Self.bytes(eve?["packet"], linkType: eve?["packet_info"]?["linktype"]?.int64 ?? 1),
                    Self.bytes(eve?["payload"], linkType: nil), GroupKey(document)?.number, eve?["flow_id"]?.text
                )
            }
            return false
        }
        guard let parts else { return nil }
        (row, rule, packet, payload, group) = (parts.row, parts.rule, parts.packet, parts.payload, parts.group)
        document = Array(stored.document.utf8)
        var flow: [[UInt8]] = []
        if let id = parts.flow {
            _ = try reader.find(.field(.flow, .equals(id))) { event, document in
                guard let document, event.sequence != stored.sequence else { return true }
                flow.append(EventRow(event: event, document: document, reader: reader).json)
                return flow.count < Self.flowEventsMax
            }
        }
        self.flow = flow.reversed()
    }

    func writeMembers(to answer: inout JSONWriter) {
        func write(_ name: String, _ json: [UInt8]?) {
            answer.name(name)
            if let json { answer.json(json) } else { answer.value(String?.none) }
        }
        write("event", row)
        write("document", document)
        write("rule", rule)
        answer.array("flow") { list in for row in flow { list.json(row) } }
        write("packet", packet)
        write("payload", payload)
    }

    private static func rule(_ document: JSONNode) -> [UInt8]? {
        guard let alert = document["suricata"]?["eve"]?["alert"], alert.kind == .object else { return nil }
        return JSONWriter.object { rule in
            rule.member("id", alert["signature_id"]?.int64 ?? 0)
            rule.member("name", alert["signature"]?.string ?? "")
            rule.member("category", alert["category"]?.string)
            rule.member("severity", alert["severity"]?.int64)
            rule.member("action", alert["action"]?.string)
            rule.member("text", alert["rule"]?.string)
            rule.array("references") { list in
                for reference in alert["references"]?.elements ?? document.elements {
                    if let text = reference.string { list.value(text) }
                }
            }
            rule.name("metadata")
            if let metadata = alert["metadata"] { rule.json(Array(metadata.raw)) } else { rule.value(String?.none) }
        }
    }

    private static func bytes(_ node: JSONNode?, linkType: Int64?) -> [UInt8]? {
        guard let text = node?.string else { return nil }
        return JSONWriter.object { object in
            object.member("base64", text)
            if let linkType { object.member("link_type", linkType) }
        }
    }

    /// The packet of an event as a capture file; nil when there is none.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    static func packetFile(_ id: String, _ reader: EventReader) throws -> [UInt8]? {
        guard let stored = try reader.event(id: id) else { return nil }
        var tree = JSONTree()
        return try Array(stored.document.utf8).withUnsafeBytes { bytes in
            let eve = try tree.parse(bytes)["suricata"]?["eve"]
            guard let packet = eve?["packet"]?.string.flatMap(Base64.bytes) else { return nil }
            let linkType = eve?["packet_info"]?["linktype"]?.int64 ?? 1
            return PacketFile.bytes(
                of: packet, linkType: UInt32(truncatingIfNeeded: linkType), at: stored.timestamp)
        }
    }
}
