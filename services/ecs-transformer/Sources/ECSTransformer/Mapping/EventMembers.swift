import JSON

/// The members that any event can have at its top, apart from the objects of the event types.
enum EventMember: String, CaseSlot {
    case timestamp
    case eventType = "event_type"
    case flowID = "flow_id"
    case sourceIP = "src_ip"
    case sourcePort = "src_port"
    case destinationIP = "dest_ip"
    case destinationPort = "dest_port"
    case transport = "proto"
    case appProto = "app_proto"
    case direction
    case communityID = "community_id"
    case icmpType = "icmp_type"
    case icmpCode = "icmp_code"
    case vlan
    case interface = "in_iface"
    case ether
    case host
    case suricataVersion = "suricata_version"
    case verdict
}

/// Which of these members an event has.
struct EventMembers: ~Copyable {
    private let nodes: UnsafeMutablePointer<JSONNode>
    private var present: UInt64 = 0

    init() { nodes = .allocate(capacity: EventMember.allCases.count) }

    deinit { nodes.deallocate() }

    /// Forgets all members.
    mutating func reset() { present = 0 }

    /// Enters the member with that slot.
    @inline(__always)
    mutating func insert(_ node: JSONNode, slot: Int) {
        (nodes + slot).initialize(to: node)
        present |= 1 &<< UInt64(slot)
    }

    /// The member's value; nil when the event has no such member.
    @inline(__always)
    subscript(member: EventMember) -> JSONNode? {
        present & 1 &<< UInt64(member.slot) == 0 ? nil : nodes[member.slot]
    }
}
