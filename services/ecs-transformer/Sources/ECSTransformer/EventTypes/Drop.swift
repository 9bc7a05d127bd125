import JSON

extension EventType {
    /// A packet that Suricata dropped, running inline. What the packet's header held is in `suricata.eve`.
    static let drop = EventType(
        name: "drop", types: ["denied", "connection"], sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["drop"], rules: ["reason": .text(.eventReason)],
        map: { _, mapping in
            guard mapping.isOwnObject else { return }
            mapping.document.set(.eventAction, "drop")
            if mapping.event?["alert"] != nil { mapping.document.append(.eventCategory, "intrusion_detection") }
        })
}
