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

/// The event at hand as Suricata wrote it, with its members sorted, and what can be read from them alone.
struct EVEEvent: ~Copyable {
    /// An object of the event, and the type that maps it.
    struct Object {
        /// A position in the list of types.
        var type: Int
        var node: JSONNode
    }

    /// The whole event.
    private(set) var root: JSONNode?
    /// The objects that a type maps.
    private(set) var objects: [Object] = []
    /// The members that may hold secrets, with their positions in `SecretMask.memberNames`.
    private(set) var secretMembers: [(value: JSONNode, member: Int)] = []
    private let nodes: UnsafeMutablePointer<JSONNode>
    /// One bit for each `EventMember` that the event has.
    private var present: UInt64 = 0

    init() { nodes = .allocate(capacity: EventMember.allCases.count) }

    deinit { nodes.deallocate() }

    /// Starts over with another event.
    mutating func begin(_ root: JSONNode) {
        self.root = root
        objects.removeAll(keepingCapacity: true)
        secretMembers.removeAll(keepingCapacity: true)
        present = 0
    }

    /// Enters the `EventMember` with that slot.
    @inline(__always)
    mutating func insert(_ node: JSONNode, slot: Int) {
        (nodes + slot).initialize(to: node)
        present |= 1 &<< UInt64(slot)
    }

    /// Enters an object that a type maps.
    mutating func insert(_ object: Object) { objects.append(object) }

    /// Enters a member that may hold secrets.
    mutating func insert(_ value: JSONNode, secretMember member: Int) { secretMembers.append((value, member)) }

    /// The member's value; nil when the event has no such member.
    @inline(__always)
    subscript(member: EventMember) -> JSONNode? {
        present & 1 &<< UInt64(member.slot) == 0 ? nil : nodes[member.slot]
    }

    /// The value of any member, which is looked for; nil when the event has no such member.
    subscript(key: StaticString) -> JSONNode? { root?[key] }

    /// The `event_type`; empty when it is missing.
    var typeName: EncodedText { self[.eventType]?.encodedString ?? EncodedText("") }

    /// Whether the event is of that type, rather than one that only holds an object of it.
    func isOfType(_ name: StaticString) -> Bool { typeName.isEqual(to: name) }

    /// Whether the verdict on the packet was this one.
    func hasVerdict(_ action: StaticString) -> Bool { self[.verdict]?["action"]?.isEqual(to: action) ?? false }

    /// Whether the event runs from the server to the client, by what the event itself says; nil when it says nothing.
    func isToClient() -> Bool? {
        if let direction = self[.direction] {
            if direction.isEqual(to: "to_client") { return true }
            if direction.isEqual(to: "to_server") { return false }
        }
        guard let flow = self["flow"], let initiator = flow["src_ip"]?.encodedString,
            let source = self[.sourceIP]?.encodedString, let destination = self[.destinationIP]?.encodedString
        else { return nil }
        if source.isEqual(to: destination) {
            return flow["src_port"]?.wholeNumber != self[.sourcePort]?.wholeNumber
        }
        return initiator.isEqual(to: destination)
    }

    /// Whether the event was sent from a port that only servers of its protocol use.
    func isSent(fromPort port: Int64) -> Bool {
        self[.sourcePort]?.wholeNumber == port && self[.destinationPort]?.wholeNumber != port
    }

    /// Whether the event was sent from a port of servers to a port of clients: only servers listen below 1024, and systems
    /// choose the ports of clients from 32768 on. For events that nothing else gives a direction.
    func isSentFromServicePort() -> Bool {
        guard let source = self[.sourcePort]?.wholeNumber, let destination = self[.destinationPort]?.wholeNumber else {
            return false
        }
        return source < 1024 && destination >= 1024 || source < 32_768 && destination >= 32_768
    }
}
