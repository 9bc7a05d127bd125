import JSON

extension EventType {
    /// Questions to and answers from name servers, in the three layouts that Suricata has had.
    ///
    /// Version 1 writes an event for each record. Version 2 (4.1 to 7) writes the question's name beside `answers`.
    /// Version 3 (8) has `queries`, and the answer comes from the server's side. In alerts of version 2 the object holds
    /// `query` (a list) and `answer` (an object or a list).
    static let dns = EventType(
        name: "dns", types: ["protocol"], protocolName: "dns", sourceIsServer: { $0.sourceAnswers() },
        objects: ["dns"],
        map: { dns, mapping in
            let answer = dns["answer"]
            if let answer {
                if answer.kind == .object { mapping.mapDNSMessage(answer, isAnswer: true) }
                for message in answer.elements { mapping.mapDNSMessage(message, isAnswer: true) }
            }
            if let query = dns["query"] {
                var queries = query.elements
                if let first = queries.next() { mapping.mapDNSMessage(first, isAnswer: false) }
                while let other = queries.next() { mapping.appendHost(other["rrname"]) }
            }
            if answer == nil, dns["query"] == nil { mapping.mapDNSMessage(dns, isAnswer: nil) }
        })
}

extension EVEEvent {
    /// Whether the event is an answer that was logged from the name server's side.
    fileprivate func sourceAnswers() -> Bool {
        guard let type = self["dns"]?["type"], type.isEqual(to: "answer") || type.isEqual(to: "response"),
            let source = self[.sourcePort]?.wholeNumber
        else { return false }
        return (source == 53 || source == 5353 || source == 5355) && self[.destinationPort]?.wholeNumber != source
    }
}

extension EventMapping {
    /// Maps one message. `isAnswer` is nil where the message itself says what it is.
    mutating func mapDNSMessage(_ message: JSONNode, isAnswer: Bool?) {
        let isAnswer =
            isAnswer ?? message["type"].map { $0.isEqual(to: "answer") || $0.isEqual(to: "response") } ?? false
        document.set(.dnsType, isAnswer ? "answer" : "query")
        setAction(EncodedText(isAnswer ? "answer" : "query"))
        document.set(.dnsID, message["id"])
        mapOperation(message["opcode"])
        mapResponseCode(message["rcode"], isAnswer: isAnswer)
        mapHeaderFlags(message)

        let answers = message["answers"]
        // A record of its own is version 1, whose answers do not repeat the question: only its domain is known then.
        if isAnswer, answers == nil, message["rdata"] != nil || message["ttl"] != nil {
            appendAnswer(message)
            if let name = hostName(message["rrname"]) { setDomainParts(of: name, .question) }
            return
        }
        mapQuestion(message)
        if let answers, answers.kind == .array {
            for record in answers.elements { appendAnswer(record) }
        } else if let grouped = message["grouped"] {
            appendGrouped(grouped)
        }
    }

    private mutating func mapQuestion(_ message: JSONNode) {
        var question = message
        var queries = message["queries"]?.elements
        if queries != nil {
            guard let first = queries?.next() else { return }
            question = first
        }
        defer { while let other = queries?.next() { appendHost(other["rrname"]) } }
        if let type = question["rrtype"]?.encodedText, let name = document.uppercased(type, without: " ") {
            document.set(.dnsQuestionType, name)
        }
        // The root's name is empty.
        let name = hostName(question["rrname"])
        if name != nil || document.has(.dnsQuestionType) { document.set(.dnsQuestionClass, "IN") }
        guard let name else { return }
        document.set(.dnsQuestionName, name)
        setDomainParts(of: name, .question)
        document.append(.relatedHosts, name)
    }

    private mutating func mapOperation(_ node: JSONNode?) {
        switch node?.wholeNumber {
        case 0: document.set(.dnsOpCode, "QUERY")
        case 1: document.set(.dnsOpCode, "IQUERY")
        case 2: document.set(.dnsOpCode, "STATUS")
        case 4: document.set(.dnsOpCode, "NOTIFY")
        case 5: document.set(.dnsOpCode, "UPDATE")
        default: break
        }
    }

    private mutating func mapResponseCode(_ node: JSONNode?, isAnswer: Bool) {
        guard var code = node?.encodedText else { return }
        // Multicast DNS gives the number, which is always 0 there (RFC 6762, section 18.11).
        if code.isEqual(to: "0") { code = EncodedText("NOERROR") }
        document.set(.dnsResponseCode, code)
        if isAnswer { setOutcome(isSuccess: code.isEqual(to: "NOERROR")) }
    }

    /// The header's flags: from its 16 bits where they are given, else from the members for single flags.
    private mutating func mapHeaderFlags(_ message: JSONNode) {
        if let text = message["flags"]?.encodedString, text.count <= 4, text.isHexadecimal {
            var bits: UInt16 = 0
            for byte in text.buffer { bits = bits << 4 | UInt16(JSONText.hexValue(byte) ?? 0) }
            for (bit, name) in Self.headerFlags where bits & bit != 0 { document.append(.dnsHeaderFlags, name) }
        } else {
            for (key, name) in Self.flagMembers where message[key]?.bool == true {
                document.append(.dnsHeaderFlags, name)
            }
            // Multicast DNS lists the flags that are set.
            for flag in message["flags"]?.elements ?? message.elements {
                for (key, name) in Self.flagMembers where flag.isEqual(to: key) {
                    document.append(.dnsHeaderFlags, name)
                }
            }
        }
    }

    private static let headerFlags: [(UInt16, StaticString)] = [
        (0x0400, "AA"), (0x0200, "TC"), (0x0100, "RD"), (0x0080, "RA"), (0x0020, "AD"), (0x0010, "CD"),
    ]
    private static let flagMembers: [(StaticString, StaticString)] = [
        ("aa", "AA"), ("tc", "TC"), ("rd", "RD"), ("ra", "RA"), ("ad", "AD"), ("cd", "CD"),
    ]
}
