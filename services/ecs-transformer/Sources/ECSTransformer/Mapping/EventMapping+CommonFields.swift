import JSON

// What is mapped in the same way in every event: who observed it, between which addresses, over which protocols.
extension EventMapping {
    /// Maps what does not depend on the event's type, except for its time.
    mutating func mapCommonFields() {
        document.set(.ecsVersion, ecsVersion.encoded)
        document.set(.eventModule, "suricata")
        document.set(.eventDataset, "suricata.eve")
        mapObserver()
        let addresses = mapSourceAndDestination()
        mapTransport()
        if let text = event[.appProto]?.encodedString { setProtocol(text) }
        mapVLAN()
        mapCommunityID(addresses)
        // A flow id takes up to 64 bits, of which most readers of JSON keep 53.
        if let flowID = event[.flowID], flowID.kind == .integer || flowID.kind == .real,
            let digits = document.text(flowID)
        {
            replaceInEVE(flowID, by: document.quoted(digits))
        }
    }

    private mutating func mapObserver() {
        document.set(.observerVendor, "OISF")
        document.set(.observerProduct, "Suricata")
        let isInline = event.isOfType("drop") || event.hasVerdict("drop")
        document.set(.observerType, isInline ? "ips" : "ids")
        document.set(.observerVersion, event[.suricataVersion])
        document.set(.observerIngressInterfaceName, event[.interface])
        document.set(.observerName, event[.host])
        document.set(.observerHostname, event[.host])
        document.set(.observerName, sensor.encoded)
    }

    private mutating func mapSourceAndDestination() -> Addresses? {
        let addresses = mapAddresses(event[.sourceIP], event[.destinationIP])
        mapPort(event[.sourcePort], .sourcePort)
        mapPort(event[.destinationPort], .destinationPort)
        if let ether = event[.ether] {
            mapMAC(ether["src_mac"] ?? ether["src_macs"]?.onlyElement, .sourceMAC)
            mapMAC(ether["dest_mac"] ?? ether["dest_macs"]?.onlyElement, .destinationMAC)
        }
        return addresses
    }

    private mutating func mapPort(_ node: JSONNode?, _ field: ECSField) {
        guard let number = node?.wholeNumber, number <= 65_535 else { return }
        document.set(field, number: node)
    }

    /// Maps the protocol above IP. One without a name stands as three digits.
    private mutating func mapTransport() {
        guard let text = document.text(event[.transport]) else { return }
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
        guard let vlan = event[.vlan] else { return }
        var ids = vlan.elements
        document.set(.networkVLANID, vlan.kind == .array ? ids.next() : vlan)
        document.set(.networkInnerVLANID, ids.next())
    }

    /// Sets `network.protocol` from Suricata's name of an application protocol, unless that means none.
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
