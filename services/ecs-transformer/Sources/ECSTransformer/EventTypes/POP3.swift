import JSON

extension EventType {
    /// A command to a mailbox and the server's answer. Passwords go into no field.
    static let pop3 = EventType(
        name: "pop3", types: ["protocol"], protocolName: "pop3", sourceIsServer: { $0.isSent(fromPort: 110) },
        objects: ["pop3"],
        map: { pop3, mapping in
            let command = pop3["request"]?["command"]
            let isSuccess = pop3["response"]?["success"]?.bool
            if let isSuccess { mapping.setOutcome(isSuccess: isSuccess) }
            guard let command else { return }
            // Answers to a server's challenge stand as `<SASL DATA>`.
            if let text = command.encodedString {
                mapping.setAction(text.between("<", ">"))
            }
            if command.isEqual(to: "USER") || command.isEqual(to: "APOP") {
                var arguments = pop3["request"]?["args"]?.elements
                mapping.setUser(arguments?.next())
            }
            if let isSuccess, command.isEqual(to: "PASS") || command.isEqual(to: "APOP") {
                mapping.setLogin(isSuccess: isSuccess)
            }
        })
}
