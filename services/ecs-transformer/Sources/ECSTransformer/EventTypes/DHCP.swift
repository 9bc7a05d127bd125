import JSON

extension EventType {
    /// The lease of an address. The client is known by its MAC address, also where a relay speaks for it.
    static let dhcp = EventType(
        name: "dhcp", types: ["protocol"], protocolName: "dhcp", sourceIsServer: { $0.isSent(fromPort: 67) },
        objects: ["dhcp"],
        rules: [
            "assigned_ip": .address, "client_ip": .address, "dns_servers": .address, "next_server_ip": .address,
            "relay_ip": .address, "requested_ip": .address, "routers": .address,
        ],
        map: { dhcp, mapping in
            mapping.setAction(dhcp["dhcp_type"] ?? dhcp["type"])
            mapping.mapMAC(dhcp["client_mac"], .clientMAC)
            guard let node = dhcp["hostname"], node.kind == .string else { return }
            // Some clients send the NUL at the end of the text.
            var name = mapping.document.decoded(node)
            while let last = name.buffer.last, last == 0 { name = name.part(from: 0, to: name.count - 1) }
            let host = name.withoutTrailingDot
            guard host.isHostName else { return }
            mapping.document.set(.clientDomain, host)
            mapping.document.append(.relatedHosts, host)
        })
}
