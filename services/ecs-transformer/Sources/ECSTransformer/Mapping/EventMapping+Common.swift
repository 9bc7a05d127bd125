import JSON

// What is alike in every event: who observed it, between which ends, over which protocols.
extension EventMapping {
    /// Maps everything that does not depend on the event's type, but for the time and what the type itself says.
    mutating func mapCommon() {
        document.set(.ecsVersion, ecsVersion)
        document.set(.eventModule, "suricata")
        document.set(.eventDataset, "suricata.eve")
        mapObserver()
        let addresses = mapEnds()
        mapTransport()
        mapApplicationProtocol()
        mapVLAN()
        mapCommunityID(addresses)
        // A flow id takes up to 64 bits, of which most readers of JSON keep 53.
        if let flowID = members[.flowID], flowID.kind == .integer || flowID.kind == .real, let digits = text(flowID) {
            replaceInEVE(flowID, by: document.quoted(digits))
        }
    }

    private mutating func mapObserver() {
        document.set(.observerVendor, "OISF")
        document.set(.observerProduct, "Suricata")
        let isInline = isEvent("drop") || verdict("drop")
        document.set(.observerType, isInline ? "ips" : "ids")
        set(.observerVersion, members[.suricataVersion])
        set(.observerIngressInterfaceName, members[.interface])
        set(.observerName, members[.host])
        set(.observerHostname, members[.host])
        if !sensor.isEmpty, !document.has(.observerName) { document.set(.observerName, document.copy(of: sensor)) }
    }

    /// Whether the verdict on the packet was this one.
    func verdict(_ action: StaticString) -> Bool {
        members[.verdict].flatMap { $0["action"] }?.isEqual(to: action) ?? false
    }

    private mutating func mapEnds() -> Addresses? {
        let addresses = mapAddresses(members[.sourceIP], members[.destinationIP])
        mapPort(members[.sourcePort], .sourcePort)
        mapPort(members[.destinationPort], .destinationPort)
        if let ether = members[.ether] {
            mapMAC(ether["src_mac"] ?? ether["src_macs"]?.onlyElement, .sourceMAC)
            mapMAC(ether["dest_mac"] ?? ether["dest_macs"]?.onlyElement, .destinationMAC)
        }
        return addresses
    }

    /// The addresses of both ends.
    typealias Addresses = (source: IPAddress, destination: IPAddress)

    /// Maps the addresses of both ends, and what follows from them: the version of IP and the direction.
    /// - Returns: the addresses, if both ends have one.
    @discardableResult
    mutating func mapAddresses(_ sourceNode: JSONNode?, _ destinationNode: JSONNode?) -> Addresses? {
        let source = mapAddress(sourceNode, .sourceAddress, .sourceIP)
        let destination = mapAddress(destinationNode, .destinationAddress, .destinationIP)
        if let source { mapPlace(of: source, .source) }
        if let destination { mapPlace(of: destination, .destination) }
        if let one = source ?? destination { document.set(.networkType, one.isIPv4 ? "ipv4" : "ipv6") }
        guard let source, let destination else { return nil }
        switch (homeNetworks.contains(source), homeNetworks.contains(destination)) {
        case (true, true): document.set(.networkDirection, "internal")
        case (true, false): document.set(.networkDirection, "outbound")
        case (false, true): document.set(.networkDirection, "inbound")
        case (false, false): document.set(.networkDirection, "external")
        }
        return (source, destination)
    }

    private mutating func mapAddress(_ node: JSONNode?, _ address: ECSField, _ ip: ECSField) -> IPAddress? {
        guard let text = Self.string(node) else { return nil }
        document.set(address, text)
        guard let parsed = IPAddress(text) else { return nil }
        document.set(ip, text)
        appendRelatedIP(text, parsed)
        return parsed
    }

    private mutating func mapPort(_ node: JSONNode?, _ field: ECSField) {
        guard let node, let number = Self.number(node), number <= 65_535 else { return }
        set(field, number: node)
    }

    /// Writes a MAC address as ECS wants it: `00-1B-17-00-01-18`.
    mutating func mapMAC(_ node: JSONNode?, _ field: ECSField) {
        guard let text = Self.string(node), text.count == 17 else { return }
        let copy = document.arena.allocate(17)
        for start in stride(from: 0, to: 17, by: 3) {
            for offset in start..<start + 2 {
                let byte = text.bytes[offset]
                guard JSONText.hexValue(byte) != nil else { return }
                copy[offset] = byte >= UInt8(ascii: "a") ? byte & 0xDF : byte
            }
            guard start < 15 else { break }
            let separator = text.bytes[start + 2]
            guard separator == UInt8(ascii: ":") || separator == UInt8(ascii: "-") else { return }
            copy[start + 2] = UInt8(ascii: "-")
        }
        document.set(field, EncodedText(copy, count: 17))
    }

    /// Maps the protocol above IP. One without a name stands as three digits.
    private mutating func mapTransport() {
        guard let text = text(members[.transport]) else { return }
        if let known = TransportProtocol.find(text) {
            document.set(.networkTransport, known.lowercaseName)
            document.set(.networkIANANumber, known.digits)
            transport = known.number
        } else {
            document.set(.networkTransport, document.lowercased(text))
            guard text.isDecimal, let number = JSONText.integer(text.buffer), number <= 255 else { return }
            document.set(.networkIANANumber, document.digits(of: number))
            transport = UInt8(number)
        }
    }

    private mutating func mapVLAN() {
        guard let vlan = members[.vlan] else { return }
        var ids = vlan.elements
        set(.networkVLANID, vlan.kind == .array ? ids.next() : vlan)
        set(.networkInnerVLANID, ids.next())
    }

    /// Takes over the id that Suricata has computed, a SHA-1 in base 64, else computes it.
    private mutating func mapCommunityID(_ addresses: Addresses?) {
        if let text = Self.string(members[.communityID]), text.isCommunityID {
            return document.set(.networkCommunityID, text)
        }
        guard let (source, destination) = addresses, let transport,
            let connection = CommunityID.Connection(
                source: source, destination: destination, transport: transport,
                ports: pair(members[.sourcePort], members[.destinationPort]),
                icmp: pair(members[.icmpType], members[.icmpCode]))
        else { return }
        let text = document.arena.allocate(CommunityID.textCount)
        communityID.write(connection, to: text)
        document.set(.networkCommunityID, EncodedText(text, count: CommunityID.textCount))
    }

    /// Two numbers, if both are there and fit.
    private func pair<Number: FixedWidthInteger>(_ one: JSONNode?, _ other: JSONNode?) -> (Number, Number)? {
        guard let one = Self.number(one).flatMap(Number.init(exactly:)),
            let other = Self.number(other).flatMap(Number.init(exactly:))
        else { return nil }
        return (one, other)
    }

    private mutating func mapApplicationProtocol() {
        if let text = Self.string(members[.appProto]) { setProtocol(text) }
    }

    /// Sets `network.protocol` from Suricata's name of an application protocol, unless that stands for none.
    mutating func setProtocol(_ text: EncodedText) {
        if text.isEqual(to: "http2") {
            document.set(.networkProtocol, "http")
            document.set(.networkApplication, "http2")
        } else if text.isEqual(to: "doh2") {
            document.set(.networkProtocol, "dns")
            document.set(.networkApplication, "doh2")
        } else if text.isEqual(to: "ftp-data") {
            document.set(.networkProtocol, "ftp")
        } else if !text.isEqual(to: "failed"), !text.isEqual(to: "unknown"), !text.hasPrefix("template") {
            document.set(.networkProtocol, document.lowercased(text))
        }
    }
}

extension EncodedText {
    /// Whether the text has the form of a community id of version 1.
    fileprivate var isCommunityID: Bool {
        count == CommunityID.textCount && hasPrefix("1:") && bytes[count - 1] == UInt8(ascii: "=")
            && Base64.isDigits(part(from: 2, to: count - 1).buffer)
    }
}
