import JSON

extension EventType {
    /// The set-up of a VNC connection.
    static let rfb = EventType(
        name: "rfb", types: ["protocol"], protocolName: "rfb", sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["rfb"],
        map: { rfb, mapping in
            let failureReason = rfb["server_security_failure_reason"]
            mapping.setCode(nil, reason: failureReason)
            // The name is that of the screen, mostly the host's, sometimes with a user in front.
            if let name = rfb["framebuffer"]?["name"]?.encodedString {
                mapping.appendHost(name.part(from: (name.lastIndex(of: "@") ?? -1) + 1))
            }
            if let result = rfb["authentication"]?["security_result"] {
                mapping.setLogin(isSuccess: result.isEqual(to: "OK"))
            } else if failureReason != nil {
                mapping.setOutcome(isSuccess: false)
            }
        })
}
