import JSON

extension EventType {
    /// Address resolution below IP: source and destination are in the object, and there is no connection.
    static let arp = EventType(
        name: "arp", types: ["protocol"], protocolName: "arp", objects: ["arp"], rules: ["opcode": .action]
    ) { arp, mapping in
        mapping.mapAddresses(arp["src_ip"], arp["dest_ip"])
        // A request is a broadcast: the addresses of its frame, where the event has them, are not the ones asked about.
        mapping.document.clear(.sourceMAC)
        mapping.document.clear(.destinationMAC)
        mapping.mapMAC(arp["src_mac"], .sourceMAC)
        // A request does not know the address that it asks for.
        if let address = arp["dest_mac"], !address.isEqual(to: "00:00:00:00:00:00") {
            mapping.mapMAC(address, .destinationMAC)
        }
    }
}
