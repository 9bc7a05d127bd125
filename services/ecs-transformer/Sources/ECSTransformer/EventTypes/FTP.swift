import JSON

extension EventType {
    /// A command to an FTP server and the replies to it. Passwords go into no field.
    static let ftp = EventType(
        name: "ftp", types: ["protocol"], protocolName: "ftp", sourceIsServer: { $0.isSent(fromPort: 21) },
        objects: ["ftp"], rules: ["command": .action],
        map: { ftp, mapping in
            let command = ftp["command"]
            if let command, let argument = ftp["command_data"] {
                if command.isEqual(to: "USER") { mapping.setUser(argument) }
                if fileCommands.contains(where: { command.isEqual(to: $0) }) { mapping.setFilePath(argument) }
            }
            guard let outcome = replyOutcome(ftp["completion_code"]) else { return }
            mapping.setOutcome(isSuccess: outcome)
            // A server that is content with a name answers USER with 230, else it asks for a password.
            if let command, command.isEqual(to: "PASS") || command.isEqual(to: "USER") {
                mapping.setLogin(isSuccess: outcome)
            }
        })

    /// The commands whose argument is the name of a file (RFC 959, RFC 3659).
    private static let fileCommands: [StaticString] = [
        "APPE", "DELE", "MDTM", "RETR", "RNFR", "RNTO", "SIZE", "STOR", "STOU",
    ]

    /// What the codes of the replies say: 4xx and 5xx are failures, 2xx is success, all others leave it open.
    private static func replyOutcome(_ codes: JSONNode?) -> Bool? {
        guard let codes else { return nil }
        var outcome: Bool?
        for code in codes.elements {
            switch code.encodedText?.buffer.first {
            case UInt8(ascii: "4"), UInt8(ascii: "5"): return false
            case UInt8(ascii: "2"): outcome = true
            default: break
            }
        }
        return outcome
    }
}
