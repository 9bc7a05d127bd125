import EventContract
import JSON

extension EventType {
    /// A connection that has ended; the same object stands in alerts and others with the counts so far.
    static let flow = EventType(
        name: "flow", types: ["connection"], objects: ["flow"], rules: ["reason": .text(.eventReason)]
    ) { flow, mapping in
        mapping.mapCounts(flow)
        mapping.mapPeriod(flow)
        guard mapping.event.isOfType("flow"), let state = flow["state"] else { return }
        if state.isEqual(to: "new") { mapping.document.append(.eventType, "start") }
        if state.isEqual(to: "closed") { mapping.document.append(.eventType, "end") }
        if state.isEqual(to: "bypassed") { mapping.document.set(.eventAction, "flow_bypassed") }
    }
}

extension EventMapping {
    /// Maps how much went which way: `toserver` is what the client sent.
    fileprivate mutating func mapCounts(_ flow: JSONNode) {
        let toServer = (bytes: flow["bytes_toserver"], packets: flow["pkts_toserver"])
        let toClient = (bytes: flow["bytes_toclient"], packets: flow["pkts_toclient"])
        let (source, destination) = sourceIsServer ? (toClient, toServer) : (toServer, toClient)
        document.set(.sourceBytes, number: source.bytes)
        document.set(.sourcePackets, number: source.packets)
        document.set(.destinationBytes, number: destination.bytes)
        document.set(.destinationPackets, number: destination.packets)
        setSum(.networkBytes, source.bytes, destination.bytes)
        setSum(.networkPackets, source.packets, destination.packets)
    }

    /// Sets the sum of two counts, unless nothing was counted.
    private mutating func setSum(_ field: ECSField, _ one: JSONNode?, _ other: JSONNode?) {
        let (sum, overflow) = (one?.wholeNumber ?? 0).addingReportingOverflow(other?.wholeNumber ?? 0)
        if sum > 0, !overflow { document.set(field, integer: sum) }
    }

    /// Maps `start` and `end` of an object, and the time between them in nanoseconds.
    mutating func mapPeriod(_ object: JSONNode) {
        let start = Self.time(object["start"])
        let end = Self.time(object["end"])
        if let start { document.set(.eventStart, document.timestamp(start.time, written: start.text)) }
        if let end { document.set(.eventEnd, document.timestamp(end.time, written: end.text)) }
        // From the first year that is read to the last is more than 64 bits of nanoseconds.
        if let start, let end, end.time >= start.time,
            case (let duration, false) = end.time.subtractingReportingOverflow(start.time)
        {
            document.set(.eventDuration, integer: duration)
        }
    }

    private static func time(_ node: JSONNode?) -> (time: Int64, text: EncodedText)? {
        guard let node, let time = EventTime.parse(node) else { return nil }
        return (time, EncodedText(node.content))
    }
}
