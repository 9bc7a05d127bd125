import JSON

extension EventType {
    /// A request to an agent of network management, its response, or a trap that the agent sends unasked. The
    /// community is a password and goes into no field.
    static let snmp = EventType(
        name: "snmp", types: ["protocol"], protocolName: "snmp", sourceIsServer: { $0.isSent(fromPort: 161) },
        objects: ["snmp"], rules: ["pdu_type": .action, "trap_address": .address, "usm": .user],
        map: { snmp, mapping in
            if snmp["error"] != nil { mapping.setOutcome(isSuccess: false) }
        })
}
