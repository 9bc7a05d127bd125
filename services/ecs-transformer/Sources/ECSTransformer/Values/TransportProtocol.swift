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
    ]

    static func find(_ text: EncodedText) -> TransportProtocol? { all.first { text.isEqual(to: $0.name) } }
}
