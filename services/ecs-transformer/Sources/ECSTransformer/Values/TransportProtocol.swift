/// The protocols above IP that Suricata names, after IANA's registry of protocol numbers.
struct TransportProtocol {
    let name: StaticString
    let lowercaseName: StaticString
    let number: UInt8
    /// The number in decimal digits.
    let digits: StaticString

    private static let all = [
        TransportProtocol(name: "TCP", lowercaseName: "tcp", number: 6, digits: "6"),
        TransportProtocol(name: "UDP", lowercaseName: "udp", number: 17, digits: "17"),
        TransportProtocol(name: "ICMP", lowercaseName: "icmp", number: 1, digits: "1"),
        TransportProtocol(name: "IPv6-ICMP", lowercaseName: "ipv6-icmp", number: 58, digits: "58"),
        TransportProtocol(name: "GRE", lowercaseName: "gre", number: 47, digits: "47"),
        TransportProtocol(name: "SCTP", lowercaseName: "sctp", number: 132, digits: "132"),
        TransportProtocol(name: "IGMP", lowercaseName: "igmp", number: 2, digits: "2"),
        TransportProtocol(name: "IP-in-IP", lowercaseName: "ip-in-ip", number: 4, digits: "4"),
        TransportProtocol(name: "IPv6", lowercaseName: "ipv6", number: 41, digits: "41"),
        TransportProtocol(name: "ESP", lowercaseName: "esp", number: 50, digits: "50"),
        TransportProtocol(name: "AH", lowercaseName: "ah", number: 51, digits: "51"),
        TransportProtocol(name: "OSPF", lowercaseName: "ospf", number: 89, digits: "89"),
        TransportProtocol(name: "PIM", lowercaseName: "pim", number: 103, digits: "103"),
        TransportProtocol(name: "VRRP", lowercaseName: "vrrp", number: 112, digits: "112"),
        TransportProtocol(name: "EIGRP", lowercaseName: "eigrp", number: 88, digits: "88"),
        TransportProtocol(name: "RSVP", lowercaseName: "rsvp", number: 46, digits: "46"),
        TransportProtocol(name: "L2TP", lowercaseName: "l2tp", number: 115, digits: "115"),
        TransportProtocol(name: "IPv6-Frag", lowercaseName: "ipv6-frag", number: 44, digits: "44"),
        TransportProtocol(name: "IPv6-NoNxt", lowercaseName: "ipv6-nonxt", number: 59, digits: "59"),
        TransportProtocol(name: "IPv6-Opts", lowercaseName: "ipv6-opts", number: 60, digits: "60"),
        TransportProtocol(name: "HOPOPT", lowercaseName: "hopopt", number: 0, digits: "0"),
        TransportProtocol(name: "EGP", lowercaseName: "egp", number: 8, digits: "8"),
        TransportProtocol(name: "IGP", lowercaseName: "igp", number: 9, digits: "9"),
        TransportProtocol(name: "RDP", lowercaseName: "rdp", number: 27, digits: "27"),
        TransportProtocol(name: "DCCP", lowercaseName: "dccp", number: 33, digits: "33"),
        TransportProtocol(name: "IPv6-Route", lowercaseName: "ipv6-route", number: 43, digits: "43"),
        TransportProtocol(name: "MOBILE", lowercaseName: "mobile", number: 55, digits: "55"),
        TransportProtocol(name: "ETHERIP", lowercaseName: "etherip", number: 97, digits: "97"),
        TransportProtocol(name: "ENCAP", lowercaseName: "encap", number: 98, digits: "98"),
        TransportProtocol(name: "IPComp", lowercaseName: "ipcomp", number: 108, digits: "108"),
        TransportProtocol(name: "IPX-in-IP", lowercaseName: "ipx-in-ip", number: 111, digits: "111"),
        TransportProtocol(name: "PGM", lowercaseName: "pgm", number: 113, digits: "113"),
        TransportProtocol(name: "IS-IS", lowercaseName: "is-is", number: 124, digits: "124"),
        TransportProtocol(name: "Mobility", lowercaseName: "mobility", number: 135, digits: "135"),
        TransportProtocol(name: "UDPLite", lowercaseName: "udplite", number: 136, digits: "136"),
        TransportProtocol(name: "MPLS-in-IP", lowercaseName: "mpls-in-ip", number: 137, digits: "137"),
        TransportProtocol(name: "manet", lowercaseName: "manet", number: 138, digits: "138"),
        TransportProtocol(name: "HIP", lowercaseName: "hip", number: 139, digits: "139"),
        TransportProtocol(name: "Shim6", lowercaseName: "shim6", number: 140, digits: "140"),
        TransportProtocol(name: "WESP", lowercaseName: "wesp", number: 141, digits: "141"),
        TransportProtocol(name: "ROHC", lowercaseName: "rohc", number: 142, digits: "142"),
    ]

    /// The protocol with that name, as Suricata writes it or in lower case.
    static func find(_ text: EncodedText) -> TransportProtocol? {
        all.first { text.isEqual(to: $0.name) } ?? all.first { text.isEqual(to: $0.lowercaseName) }
    }
}
