import JSON
import Networks

extension EventType {
    /// The header of a mail, beside the SMTP transaction or the file that it came with.
    static let email = EventType(
        name: "email", categories: ["network", "email"], objects: ["email"],
        rules: ["subject": .text(.emailSubject), "x_mailer": .text(.emailXMailer)]
    ) { email, mapping in
        for member in email.members {
            let (key, value) = member
            if key.isEqual(to: "from") {
                mapping.appendMailAddresses(value, to: .emailFromAddress)
            } else if key.isEqual(to: "to") {
                mapping.appendMailAddresses(value, to: .emailToAddress)
            } else if key.isEqual(to: "cc") {
                mapping.appendMailAddresses(value, to: .emailCcAddress)
            } else if key.isEqual(to: "reply_to") {
                mapping.appendMailAddresses(value, to: .emailReplyToAddress)
            } else if key.isEqual(to: "message_id") {
                if let text = value.encodedString { mapping.document.set(.emailMessageID, text.between("<", ">")) }
            } else if key.isEqual(to: "date") {
                if let text = value.encodedString, let time = MailDate.parse(text) {
                    mapping.document.set(.emailOriginationTimestamp, mapping.document.timestamp(time))
                }
            } else if key.isEqual(to: "attachment") {
                for name in value.elements { mapping.appendAttachment(name) }
            } else if key.isEqual(to: "url") {
                for link in value.elements { mapping.appendHost(ofLink: link) }
            }
        }
    }
}

extension EventMapping {
    /// Adds the addresses of a header, or of each of several, to a field, to `related.user` and their domains to
    /// `related.hosts`.
    mutating func appendMailAddresses(_ node: JSONNode, to field: ECSField) {
        forEachMailAddress(node) { address, mapping in mapping.document.append(field, address) }
    }

    /// Calls `use` with each address of a header, or of each of several, and adds it to `related.user` and its domain to
    /// `related.hosts`.
    mutating func forEachMailAddress(_ node: JSONNode, _ use: (EncodedText, inout EventMapping) -> Void) {
        for element in node.elements { forEachMailAddress(element, use) }
        guard node.kind == .string else { return }
        var addresses = MailAddresses(document.decoded(node))
        while let decoded = addresses.next() {
            let address = document.encoded(decoded)
            use(address, &self)
            document.append(.relatedUser, address)
            if let sign = decoded.lastIndex(of: "@") { appendHost(decoded.part(from: sign + 1)) }
        }
    }

    fileprivate mutating func appendAttachment(_ node: JSONNode) {
        guard let name = node.encodedString else { return }
        document.append(
            .emailAttachments,
            json: document.joined(EncodedText("{\"file\":{\"name\":\""), name, EncodedText("\"}}")))
    }

    /// Adds the host of a link in a mail's text, which may be without `http://`, to `related.hosts`.
    fileprivate mutating func appendHost(ofLink node: JSONNode) {
        guard node.kind == .string else { return }
        var text = document.decoded(node)
        for offset in 0..<max(0, text.count - 2) where text.part(from: offset).hasPrefix("://") {
            text = text.part(from: offset + 3)
            break
        }
        let end = text.buffer.firstIndex {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
        }
        let authority = text.part(from: 0, to: end ?? text.count)
        let (host, _) = URLParts.hostAndPort(authority.part(from: (authority.lastIndex(of: "@") ?? -1) + 1))
        let name = host.withoutTrailingDot
        if name.isHostName || IPAddress(name) != nil { document.append(.relatedHosts, name) }
    }
}
