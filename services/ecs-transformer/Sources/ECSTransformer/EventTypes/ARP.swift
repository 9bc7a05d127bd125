import JSON

extension EventType {
    /// Address resolution below IP: the ends are in the object, and there is no connection.
    static let arp = EventType(
        name: "arp", types: ["protocol"], protocolName: "arp", objects: ["arp"], rules: ["opcode": .action]
    ) { arp, mapping in
        mapping.mapAddresses(arp["src_ip"], arp["dest_ip"])
        // A frame that asks goes to all: its addresses, where the event has them, are not those of the ends.
        mapping.document.clear(.sourceMAC)
        mapping.document.clear(.destinationMAC)
        mapping.mapMAC(arp["src_mac"], .sourceMAC)
        // Who asks for an address does not know the other end's.
        if let address = arp["dest_mac"], !address.isEqual(to: "00:00:00:00:00:00") {
            mapping.mapMAC(address, .destinationMAC)
        }
    }
}
