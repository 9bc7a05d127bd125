import CivilTime
import EventStore
import JSON

/// An event as a line of a list.
struct EventRow {
    let place: EventPlace
    /// Where it stands in lists of that place: `after` and `since` mean such numbers.
    let position: Int64
    let id: String
    /// Nanoseconds since the epoch.
    let timestamp: Int64
    let type: String?
    let severity: Int64?
    let document: JSONNode
    let reader: EventReader

    init(event: VisitedEvent, document: JSONNode, reader: EventReader) {
        (place, position, id, timestamp) = (.box, event.sequence, event.id, event.timestamp)
        (type, severity, self.document, self.reader) = (event.eventType, event.severity, document, reader)
    }

    init(_ hit: CloudHit, reader: EventReader) {
        (place, position, id, timestamp) = (.cloud, hit.milliseconds, hit.id, hit.timestamp)
        (document, self.reader) = (hit.document, reader)
        let suricata = hit.document["suricata"]
        (type, severity) = (suricata?["eve"]?["event_type"]?.string, suricata?["severity"]?.int64)
    }

    /// The line as JSON.
    var json: [UInt8] {
        let eve = document["suricata"]?["eve"]
        let state = reader.state(of: id, at: timestamp, place == .box ? position : nil, document)
        return JSONWriter.object { row in
            row.member("in", place.rawValue)
            row.member("seq", position)
            row.member("id", id)
            row.member("time", UTCTimestamp(timestamp).description)
            row.member("type", type ?? "")
            row.member("severity", severity)
            row.name("src")
            write(document["source"], to: &row)
            row.name("dest")
            write(document["destination"], to: &row)
            row.member("proto", eve?["proto"]?.string ?? document["network"]?["transport"]?.string)
            row.member("app", document["network"]?["protocol"]?.string)
            row.member("sensor", document["observer"]?["name"]?.string)
            if let key = GroupKey(document) {
                row.object("signature") { signature in
                    signature.member("id", key.signatureID)
                    signature.member("text", document["rule"]?["name"]?.string ?? "")
                }
                row.member("group", GroupKey.text(key.number))
            } else {
                row.member("signature", String?.none)
                row.member("group", String?.none)
            }
            row.member("flow", eve?["flow_id"]?.text)
            row.member("summary", EventSummary.text(document))
            row.member("archived", state.isArchived)
            row.member("escalated", state.isEscalated)
        }
    }

    private func write(_ side: JSONNode?, to writer: inout JSONWriter) {
        guard let ip = side?["ip"]?.string else { return writer.value(String?.none) }
        writer.object { object in
            object.member("ip", ip)
            object.member("port", side?["port"]?.int64)
            object.member("name", reader.name(of: ip) ?? side?["domain"]?.string)
        }
    }
}

/// What an event says, in a few words.
enum EventSummary {
    private static let charactersMax = 300

    static func text(_ document: JSONNode) -> String {
        let eve = document["suricata"]?["eve"]
        let type = eve?["event_type"]?.string ?? ""
        let text: String =
            switch type {
            case "alert": document["rule"]?["name"]?.string ?? ""
            case "dns":
                words(
                    document["dns"]?["question"]?["type"], document["dns"]?["question"]?["name"],
                    document["dns"]?["response_code"])
            case "tls", "quic":
                words(document["tls"]?["client"]?["server_name"], document["tls"]?["version"])
            case "http":
                words(
                    document["http"]?["request"]?["method"], document["url"]?["full"] ?? document["url"]?["original"],
                    document["http"]?["response"]?["status_code"])
            case "fileinfo": words(document["file"]?["name"], document["file"]?["size"]) + " bytes"
            case "flow", "netflow":
                words(document["network"]?["protocol"], document["network"]?["bytes"]) + " bytes"
            case "ssh":
                words(
                    eve?["ssh"]?["client"]?["software_version"], eve?["ssh"]?["server"]?["software_version"])
            case "dhcp": words(eve?["dhcp"]?["dhcp_type"], eve?["dhcp"]?["hostname"], eve?["dhcp"]?["assigned_ip"])
            case "anomaly": words(eve?["anomaly"]?["type"], eve?["anomaly"]?["event"])
            default: words(document["event"]?["action"], document["related"]?["hosts"]?.elements.first { _ in true })
            }
        return String(text.prefix(charactersMax))
    }

    private static func words(_ nodes: JSONNode?...) -> String {
        nodes.compactMap { $0?.text }.filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension JSONNode {
    /// A string, or a number as it is written.
    var text: String? {
        switch kind {
        case .string: string
        case .integer, .real: String(decoding: raw, as: UTF8.self)
        default: nil
        }
    }
}
