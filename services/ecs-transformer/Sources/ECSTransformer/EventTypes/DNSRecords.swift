import JSON
import Networks

// Resource records: `dns.answers`, `dns.resolved_ip`, and the hosts that they name.
extension EventMapping {
    /// Adds a record to `dns.answers`, with whatever it holds as one text in `data`.
    mutating func appendAnswer(_ record: JSONNode) {
        guard record.kind == .object else { return }
        let name = hostName(record["rrname"])
        let (recordType, data) = recordData(record)
        let type = recordType.flatMap { document.uppercased($0, without: " ") }
        if let name { document.append(.relatedHosts, name) }
        var json: [UInt8] = []
        append("name", name, to: &json)
        if let data { append("data", data, to: &json) }
        append("type", type, to: &json)
        if let seconds = record["ttl"]?.wholeNumber {
            json += json.isEmpty ? "{\"ttl\":".utf8 : ",\"ttl\":".utf8
            JSONText.append(seconds, to: &json)
        }
        guard !json.isEmpty else { return }
        json.append(UInt8(ascii: "}"))
        document.append(.dnsAnswers, json: document.copy(of: json))
        if let data, let type { noteRecord(type, data) }
    }

    /// Adds the values that Suricata has grouped by type, where it does not write whole records.
    mutating func appendGrouped(_ grouped: JSONNode) {
        for member in grouped.members {
            let type = EncodedText(member.key.content)
            for value in member.value.elements {
                guard let data = value.kind == .object ? joinedValues(value, type) : value.encodedText else { continue }
                var json: [UInt8] = []
                append("data", data, to: &json)
                append("type", type, to: &json)
                json.append(UInt8(ascii: "}"))
                document.append(.dnsAnswers, json: document.copy(of: json))
                noteRecord(type, data)
            }
        }
    }

    private func append(_ key: StaticString, _ text: EncodedText?, to json: inout [UInt8]) {
        guard let text, !text.isEmpty else { return }
        json += json.isEmpty ? "{\"".utf8 : ",\"".utf8
        json.append(contentsOf: EncodedText(key).buffer)
        json += "\":\"".utf8
        json.append(contentsOf: text.buffer)
        json.append(UInt8(ascii: "\""))
    }

    /// Gives addresses and names to the fields that gather them.
    private mutating func noteRecord(_ type: EncodedText, _ data: EncodedText) {
        if type.isEqual(to: "A") || type.isEqual(to: "AAAA") {
            guard let address = IPAddress(data) else { return }
            document.append(.dnsResolvedIP, data, address)
            document.append(.relatedIP, data, address)
        } else if type.isEqual(to: "CNAME") || type.isEqual(to: "NS") || type.isEqual(to: "PTR")
            || type.isEqual(to: "DNAME")
        {
            document.append(.relatedHosts, data.withoutTrailingDot)
        } else if type.isEqual(to: "MX") || type.isEqual(to: "SRV") {
            // The host's name comes last, behind its priority.
            appendHost(data.part(from: (data.lastIndex(of: " ") ?? -1) + 1))
        }
    }

    /// The type and the data of a record: `rrtype` and `rdata`, or a member that is named after the type (`soa`, `srv`,
    /// `sshfp`, `txt`, and in multicast DNS all others, where `rrtype` is left out).
    private mutating func recordData(_ record: JSONNode) -> (type: EncodedText?, data: EncodedText?) {
        let type = record["rrtype"]?.encodedText
        if let text = record["rdata"]?.encodedText { return (type, text) }
        for member in record.members {
            let key = member.key
            if key.isEqual(to: "rrname") || key.isEqual(to: "rrtype") || key.isEqual(to: "ttl") { continue }
            let data: EncodedText?
            switch member.value.kind {
            case .object, .array: data = joinedValues(member.value, type ?? EncodedText(key.content))
            case .string: data = member.value.encodedText
            default: continue
            }
            if let data { return (type ?? EncodedText(key.content), data) }
        }
        return (type, nil)
    }

    /// The values of an object or array one after the other, as zone files write them: in the order of the record, not of
    /// the JSON. What is not known of it follows as it comes.
    private mutating func joinedValues(_ node: JSONNode, _ type: EncodedText) -> EncodedText? {
        var joined: [UInt8] = []
        func add(_ value: JSONNode?, isHexadecimal: Bool = false) {
            guard let text = document.text(value) else { return }
            if !joined.isEmpty { joined.append(UInt8(ascii: " ")) }
            joined += text.buffer.lazy.filter { !isHexadecimal || $0 != UInt8(ascii: ":") }
        }
        let known = Self.recordMembers.first { type.isEqual(toLowercase: $0.type) }?.members ?? []
        for name in known { add(node[name], isHexadecimal: EncodedText(name).isEqual(to: "fingerprint")) }
        for member in node.members where !known.contains(where: { member.key.isEqual(to: $0) }) { add(member.value) }
        for element in node.elements { add(element) }
        return joined.isEmpty ? nil : document.copy(of: joined)
    }

    /// The records that Suricata writes as objects: their members in the order of RFC 1035, 2782 and 4255.
    private static let recordMembers: [(type: StaticString, members: [StaticString])] = [
        ("soa", ["mname", "rname", "serial", "refresh", "retry", "expire", "minimum"]),
        ("srv", ["priority", "weight", "port", "name"]), ("sshfp", ["algo", "type", "fingerprint"]),
    ]
}
