import JSON

extension EventType {
    /// A mail on its way to a server. Its header is in the object `email` beside it.
    static let smtp = EventType(
        name: "smtp", categories: ["network", "email"], types: ["protocol", "info"], protocolName: "smtp",
        sourceIsServer: { $0.isSent(fromPort: 25) }, objects: ["smtp"],
        map: { smtp, mapping in
            // A client without a name gives its address in brackets.
            if let name = smtp["helo"]?.encodedString {
                mapping.appendHost(name.between("[", "]"))
            }
            if let sender = smtp["mail_from"] {
                mapping.forEachMailAddress(sender) { address, mapping in
                    mapping.document.set(.emailSenderAddress, address)
                }
            }
            if let recipients = smtp["rcpt_to"] { mapping.appendMailAddresses(recipients, to: .emailToAddress) }
        })
}
