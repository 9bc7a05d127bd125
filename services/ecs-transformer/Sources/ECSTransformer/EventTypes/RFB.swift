import JSON

extension EventType {
    /// The set-up of a VNC connection.
    static let rfb = EventType(
        name: "rfb", types: ["protocol"], protocolName: "rfb", sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["rfb"], rules: ["server_security_failure_reason": .text(.eventReason)],
        map: { rfb, mapping in
            // The name is that of the screen, mostly the host's, sometimes with a user in front.
            if let name = EventMapping.string(rfb["framebuffer"]?["name"]) {
                mapping.appendHost(name.part(from: (name.lastIndex(of: "@") ?? -1) + 1))
            }
            if let result = rfb["authentication"]?["security_result"] {
                mapping.setLogin(isSuccess: result.isEqual(to: "OK"))
            } else if rfb["server_security_failure_reason"] != nil {
                mapping.setOutcome(isSuccess: false)
            }
        })
}
