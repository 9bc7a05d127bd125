import JSON

/// The event types, found by their name and by the keys of the objects that they map.
final class EventTypeTables {
    /// A class, so that looking at one costs no copies of what it holds.
    private final class Entry {
        let type: EventType
        /// The type whose objects the event is about, mostly the type itself.
        let subject: Int
        /// `event.action` where the mapping of the objects finds no verb.
        let action: OwnedText
        let members: JSONKeyTable
        let rules: [FieldRule]

        init(_ type: EventType, subject: Int, action: String, hash: JSONKeyHash) {
            self.type = type
            self.subject = subject
            self.action = OwnedText(action)
            members = JSONKeyTable(type.rules.map(\.key), hash: hash)
            rules = type.rules.map(\.value)
        }
    }

    private let entries: [Entry]
    private let names: JSONKeyTable
    /// The keys at the top of an event: first those of `EventMember`, then all others.
    private let keys: JSONKeyTable
    /// For each of the others the type that maps it, and its position among the members that may hold secrets.
    private let owners: [(type: Int?, secretMember: Int?)]

    init(_ types: [EventType], secretMembers: [String], hash: JSONKeyHash) {
        entries = types.enumerated().map { index, type in
            Entry(
                type, subject: types.firstIndex { $0.name == type.subject } ?? index,
                action: type.action ?? "\(Self.actionPrefix)\(type.name)", hash: hash)
        }
        names = JSONKeyTable(types.map(\.name), hash: hash)
        let objects = types.flatMap(\.objects)
        let others = objects + secretMembers.filter { !objects.contains($0) }
        keys = JSONKeyTable(EventMember.allCases.map(\.rawValue) + others, hash: hash)
        owners = others.map { key in
            (types.firstIndex { $0.objects.contains(key) }, secretMembers.firstIndex(of: key))
        }
    }

    private static let actionPrefix: StaticString = "suricata_"

    /// The type with that name; nil for an unknown one.
    func type(named name: EncodedText) -> Int? { names.find(name.buffer) }

    /// Sorts a member into the event; members that no type maps stay in `suricata.eve` only.
    @inline(__always)
    func sort(_ key: JSONNode, _ value: JSONNode, into event: inout EVEEvent) {
        guard let index = keys.find(key) else { return }
        if index < EventMember.allCases.count {
            event.insert(value, slot: index)
        } else {
            let owner = owners[index - EventMember.allCases.count]
            if let type = owner.type { event.insert(EVEEvent.Object(type: type, node: value)) }
            if let member = owner.secretMember { event.insert(value, secretMember: member) }
        }
    }

    /// Maps what the event's type says, and all objects that the event has.
    func map(_ type: Int?, _ mapping: inout EventMapping) {
        if let type {
            let entry = entries[type]
            mapping.sourceIsServer = mapping.event.isToClient() ?? entry.type.sourceIsServer?(mapping.event) ?? false
            mapping.document.set(.eventKind, entry.type.kind)
            for category in entry.type.categories { mapping.document.append(.eventCategory, category) }
            for name in entry.type.types { mapping.document.append(.eventType, name) }
            if let name = entry.type.protocolName { mapping.document.set(.networkProtocol, name) }
            if let name = entry.type.applicationName { mapping.document.set(.networkApplication, name) }
        } else {
            mapping.sourceIsServer = mapping.event.isToClient() ?? false
            mapping.document.set(.eventKind, "event")
            mapping.document.append(.eventCategory, "network")
            mapping.document.append(.eventType, "info")
        }
        // What the event is about goes first, so that its values win: what was seen of a file is nearer to the truth
        // than what the share had said about it.
        let subject = type.map { entries[$0].subject }
        mapObjects(&mapping, of: subject, areOwn: true)
        mapObjects(&mapping, of: subject, areOwn: false)
        setAction(type, &mapping)
        if mapping.document.has(.eventCategory), !mapping.document.has(.eventType) {
            mapping.document.append(.eventType, "info")
        }
    }

    /// Maps the objects of the type that the event is about, or all others.
    private func mapObjects(_ mapping: inout EventMapping, of subject: Int?, areOwn: Bool) {
        mapping.isOwnObject = areOwn
        for position in mapping.event.objects.indices where (mapping.event.objects[position].type == subject) == areOwn
        {
            map(mapping.event.objects[position], &mapping)
        }
    }

    private func map(_ object: EVEEvent.Object, _ mapping: inout EventMapping) {
        let entry = entries[object.type]
        if !entry.rules.isEmpty {
            for member in object.node.members {
                if let index = entry.members.find(member.key) { mapping.apply(entry.rules[index], to: member.value) }
            }
        }
        entry.type.map?(object.node, &mapping)
    }

    /// Names the type of the event as what happened, where no object has said more.
    private func setAction(_ type: Int?, _ mapping: inout EventMapping) {
        guard !mapping.document.has(.eventAction) else { return }
        if let type {
            mapping.document.set(.eventAction, entries[type].action.encoded)
        } else if !mapping.event.typeName.isEmpty {
            let name = mapping.document.lowercased(mapping.event.typeName)
            mapping.document.set(.eventAction, mapping.document.joined(EncodedText(Self.actionPrefix), name))
        }
    }
}
