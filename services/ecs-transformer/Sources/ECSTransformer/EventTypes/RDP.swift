import JSON

extension EventType {
    /// A step in the set-up of a remote desktop's connection.
    static let rdp = EventType(
        name: "rdp", types: ["protocol"], protocolName: "rdp", sourceIsServer: { $0.isSent(fromPort: 3389) },
        objects: ["rdp"], rules: ["cookie": .user, "event_type": .action],
        map: { rdp, mapping in
            if let name = rdp["client"]?["client_name"]?.encodedString, name.isHostName {
                mapping.setClientDomain(name)
            }
            if let code = rdp["error_code"] {
                mapping.setCode(code, reason: rdp["reason"])
                mapping.setOutcome(isSuccess: false)
            }
        })
}
