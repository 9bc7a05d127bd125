import JSON

// What is alike in every event: who observed it, between which ends, over which protocols.
extension EventMapping {
    /// Maps everything that does not depend on the event's type, but for the time and what the type itself says.
    mutating func mapCommon() {
        document.set(.ecsVersion, ecsVersion)
        document.set(.eventModule, "suricata")
        document.set(.eventDataset, "suricata.eve")
        mapObserver()
        mapEnds()
        mapNetwork()
        mapCommunityID()
        // A flow id takes up to 64 bits, of which most readers of JSON keep 53.
        if let flowID = members[.flowID], flowID.kind == .integer {
            replaceInEVE(flowID, by: document.quoted(EncodedText(flowID.raw)))
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

    private mutating func mapEnds() {
        mapAddresses(members[.sourceIP], members[.destinationIP])
        mapPort(members[.sourcePort], .sourcePort)
        mapPort(members[.destinationPort], .destinationPort)
        if let ether = members[.ether] {
            mapMAC(ether["src_mac"] ?? ether["src_macs"]?.onlyElement, .sourceMAC)
            mapMAC(ether["dest_mac"] ?? ether["dest_macs"]?.onlyElement, .destinationMAC)
        }
    }

    /// Maps the addresses of both ends, and what follows from them: the version of IP and the direction.
    mutating func mapAddresses(_ sourceNode: JSONNode?, _ destinationNode: JSONNode?) {
        let source = mapAddress(sourceNode, .sourceAddress, .sourceIP)
        let destination = mapAddress(destinationNode, .destinationAddress, .destinationIP)
        if let source { mapPlace(of: source, .source) }
        if let destination { mapPlace(of: destination, .destination) }
        if let one = source ?? destination { document.set(.networkType, one.isIPv4 ? "ipv4" : "ipv6") }
        if let source, let destination {
            switch (homeNetworks.contains(source), homeNetworks.contains(destination)) {
            case (true, true): document.set(.networkDirection, "internal")
            case (true, false): document.set(.networkDirection, "outbound")
            case (false, true): document.set(.networkDirection, "inbound")
            case (false, false): document.set(.networkDirection, "external")
            }
        }
    }

    private mutating func mapAddress(_ node: JSONNode?, _ address: ECSField, _ ip: ECSField) -> IPAddress? {
        guard let text = Self.string(node) else { return nil }
        document.set(address, text)
        guard let parsed = IPAddress(text) else { return nil }
        document.set(ip, text)
        document.append(.relatedIP, text)
        return parsed
    }

    private mutating func mapPort(_ node: JSONNode?, _ field: ECSField) {
        if let number = Self.number(node), number <= 65_535 { set(field, number: node) }
    }

    /// Writes a MAC address as ECS wants it: `00-1B-17-00-01-18`.
    mutating func mapMAC(_ node: JSONNode?, _ field: ECSField) {
        guard let text = Self.string(node), text.count == 17 else { return }
        let copy = document.arena.allocate(17)
        for offset in 0..<17 {
            let byte = text.bytes[offset]
            if offset % 3 == 2 {
                guard byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") else { return }
                copy[offset] = UInt8(ascii: "-")
            } else {
                guard JSONText.hexValue(byte) != nil else { return }
                copy[offset] = byte >= UInt8(ascii: "a") ? byte & 0xDF : byte
            }
        }
        document.set(field, EncodedText(copy, count: 17))
    }

    private mutating func mapNetwork() {
        if let text = Self.text(members[.transport]) {
            if let known = TransportProtocol.find(text) {
                document.set(.networkTransport, known.lowercaseName)
                document.set(.networkIANANumber, known.number)
            } else {
                document.set(.networkTransport, document.lowercased(text))
            }
        }
        mapApplicationProtocol()
        if let vlan = members[.vlan] {
            var ids = vlan.elements
            set(.networkVLANID, vlan.kind == .array ? ids.next() : vlan)
            set(.networkInnerVLANID, ids.next())
        }
    }

    /// Takes over the id that Suricata has computed: version 1, a SHA-1 in base 64.
    private mutating func mapCommunityID() {
        guard let text = Self.string(members[.communityID]), text.count == 30, text.hasPrefix("1:"),
            text.bytes[29] == UInt8(ascii: "=")
        else { return }
        document.set(.networkCommunityID, text)
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

    /// Gives `client.*` and `server.*` what is known of the ends by now, when the event belongs to a connection.
    mutating func mapClientAndServer() {
        guard document.has(.sourceIP), document.has(.destinationIP), members[.transport] != nil else { return }
        for (source, destination, client, server) in Self.endFields {
            document.copy(sourceIsServer ? destination : source, to: client)
            document.copy(sourceIsServer ? source : destination, to: server)
        }
    }

    private static let endFields: [(ECSField, ECSField, ECSField, ECSField)] = [
        (.sourceAddress, .destinationAddress, .clientAddress, .serverAddress),
        (.sourceBytes, .destinationBytes, .clientBytes, .serverBytes),
        (.sourceDomain, .destinationDomain, .clientDomain, .serverDomain),
        (.sourceIP, .destinationIP, .clientIP, .serverIP),
        (.sourceMAC, .destinationMAC, .clientMAC, .serverMAC),
        (.sourcePackets, .destinationPackets, .clientPackets, .serverPackets),
        (.sourcePort, .destinationPort, .clientPort, .serverPort),
        (.sourceASNumber, .destinationASNumber, .clientASNumber, .serverASNumber),
        (
            .sourceASOrganizationName, .destinationASOrganizationName, .clientASOrganizationName,
            .serverASOrganizationName
        ),
        (.sourceGeoCityName, .destinationGeoCityName, .clientGeoCityName, .serverGeoCityName),
        (.sourceGeoContinentCode, .destinationGeoContinentCode, .clientGeoContinentCode, .serverGeoContinentCode),
        (.sourceGeoContinentName, .destinationGeoContinentName, .clientGeoContinentName, .serverGeoContinentName),
        (.sourceGeoCountryISOCode, .destinationGeoCountryISOCode, .clientGeoCountryISOCode, .serverGeoCountryISOCode),
        (.sourceGeoCountryName, .destinationGeoCountryName, .clientGeoCountryName, .serverGeoCountryName),
        (.sourceGeoLocation, .destinationGeoLocation, .clientGeoLocation, .serverGeoLocation),
        (.sourceGeoPostalCode, .destinationGeoPostalCode, .clientGeoPostalCode, .serverGeoPostalCode),
        (.sourceGeoRegionISOCode, .destinationGeoRegionISOCode, .clientGeoRegionISOCode, .serverGeoRegionISOCode),
        (.sourceGeoRegionName, .destinationGeoRegionName, .clientGeoRegionName, .serverGeoRegionName),
        (.sourceGeoTimezone, .destinationGeoTimezone, .clientGeoTimezone, .serverGeoTimezone),
    ]

    /// Names the end that serves: the host that a client asked for.
    mutating func setServerDomain(_ name: EncodedText) {
        document.set(sourceIsServer ? .sourceDomain : .destinationDomain, name)
        document.append(.relatedHosts, name)
    }

    /// Whether the event runs from the server to the client, by what the event itself says; nil when it says nothing.
    func isToClient() -> Bool? {
        if let direction = members[.direction] {
            if direction.isEqual(to: "to_client") { return true }
            if direction.isEqual(to: "to_server") { return false }
        }
        guard let flow = event?["flow"], let initiator = Self.string(flow["src_ip"]),
            let source = Self.string(members[.sourceIP]), let destination = Self.string(members[.destinationIP])
        else { return nil }
        if source.isEqual(to: destination) {
            return Self.number(flow["src_port"]) != Self.number(members[.sourcePort])
        }
        return initiator.isEqual(to: destination)
    }
}

/// The protocols above IP that have a name in EVE, after IANA's registry of protocol numbers.
struct TransportProtocol {
    let name: StaticString
    let lowercaseName: StaticString
    let number: StaticString

    private static let all = [
        TransportProtocol(name: "TCP", lowercaseName: "tcp", number: "6"),
        TransportProtocol(name: "UDP", lowercaseName: "udp", number: "17"),
        TransportProtocol(name: "ICMP", lowercaseName: "icmp", number: "1"),
        TransportProtocol(name: "IPv6-ICMP", lowercaseName: "ipv6-icmp", number: "58"),
        TransportProtocol(name: "SCTP", lowercaseName: "sctp", number: "132"),
        TransportProtocol(name: "IGMP", lowercaseName: "igmp", number: "2"),
        TransportProtocol(name: "GRE", lowercaseName: "gre", number: "47"),
        TransportProtocol(name: "ESP", lowercaseName: "esp", number: "50"),
        TransportProtocol(name: "AH", lowercaseName: "ah", number: "51"),
    ]

    static func find(_ text: EncodedText) -> TransportProtocol? { all.first { text.isEqual(to: $0.name) } }
}
