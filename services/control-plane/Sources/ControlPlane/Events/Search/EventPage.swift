import EventStore
import JSON

/// All about one event, as JSON that is ready to be sent.
struct EventPage: Sendable {
    private static let flowEventsMax = 100

    /// The group of an alert.
    let group: Int64?
    let flowID: String?
    /// Other events of the flow, the oldest first.
    var flow: [[UInt8]] = []
    /// The ids of those that were stored before and after it; nil at the ends, and for an event of elsewhere.
    private var older: String?
    private var newer: String?
    private let row: [UInt8]
    private let document: [UInt8]
    private let rule: [UInt8]?
    private let packet: [UInt8]?
    private let payload: [UInt8]?
    /// The packet as a capture file; nil when it was not kept.
    let packetFile: [UInt8]?

    /// The event of a row, without its flow.
    init(_ row: EventRow) {
        let eve = row.document["suricata"]?["eve"]
        let linkType = eve?["packet_info"]?["linktype"]?.int64 ?? 1
        self.row = row.json
        document = Array(row.document.raw)
        rule = Self.rule(row.document)
        packet = Self.bytes(eve?["packet"], linkType: linkType)
        payload = Self.bytes(eve?["payload"], linkType: nil)
        packetFile = eve?["packet"]?.string.flatMap(Base64.bytes).map {
            PacketFile.bytes(of: $0, linkType: UInt32(truncatingIfNeeded: linkType), at: row.timestamp)
        }
        group = GroupKey(row.document)?.number
        flowID = eve?["flow_id"]?.text
    }

    /// An event of the store; nil when it does not have it, or no longer.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    static func stored(_ id: String, _ reader: EventReader) throws -> EventPage? {
        guard let stored = try reader.event(id: id) else { return nil }
        var page: EventPage?
        try reader.store()?.visit(stored.sequence...stored.sequence, newestFirst: true) { event in
            page = try reader.withDocument(event) {
                EventPage(EventRow(event: event, document: $0, reader: reader))
            }
            return false
        }
        page?.older = try reader.id(nextTo: stored.sequence, isNewer: false)
        page?.newer = try reader.id(nextTo: stored.sequence, isNewer: true)
        guard let flowID = page?.flowID else { return page }
        var flow: [[UInt8]] = []
        _ = try reader.find(.field(.flow, .equals(flowID))) { event, document in
            guard let document, event.sequence != stored.sequence else { return true }
            flow.append(EventRow(event: event, document: document, reader: reader).json)
            return flow.count < flowEventsMax
        }
        page?.flow = flow.reversed()
        return page
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
        answer.member("older", older)
        answer.member("newer", newer)
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
}
