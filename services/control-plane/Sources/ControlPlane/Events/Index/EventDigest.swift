import JSON

/// What the index takes from one document: its words, and what they mean for groups, hosts and names.
struct EventDigest {
    private enum Fact: String, CaseIterable {
        case sourceIP = "source.ip"
        case destinationIP = "destination.ip"
        case sourceBytes = "source.bytes"
        case destinationBytes = "destination.bytes"
        case signature = "rule.name"
        case signatureID = "suricata.eve.alert.signature_id"
        case sensor = "observer.name"
        case question = "dns.question.name"
        case resolved = "dns.resolved_ip"
        case serverName = "tls.client.server_name"
        case assignedIP = "suricata.eve.dhcp.assigned_ip"
        case hostName = "suricata.eve.dhcp.hostname"
        case eventType = "suricata.eve.event_type"
    }

    /// A member that is looked at, and what for; those of one object stand beside each other.
    private struct Branch {
        var words: SearchWords.Mode?
        var number: [UInt8]?
        var fact: Fact?
        var table: JSONKeyTable?
        var firstChild = 0
    }

    private(set) var words = EventWords()
    private(set) var eventType = ""
    private(set) var sourceIP = ""
    private(set) var destinationIP = ""
    private(set) var sourceBytes: Int64 = 0
    private(set) var destinationBytes: Int64 = 0
    private(set) var signatureID: Int64?
    private(set) var signature = ""
    private(set) var sensor = ""
    /// Names with the addresses that they were seen with.
    private(set) var names: [(address: String, name: String, source: NameSource)] = []

    private var question = ""
    private var resolved: [String] = []
    private var serverName = ""
    private var assignedIP = ""
    private var hostName = ""
    /// Members that are looked at, as a tree with its root first, so that a document is gone through once.
    private let branches: [Branch]

    /// - Parameter hash: that of the tree that parses the documents.
    init(hash: JSONKeyHash) {
        var members: [String: Branch] = [:]
        for (path, mode) in SearchWords.fields { members[path, default: Branch()].words = mode }
        for (path, name) in SearchWords.numbers { members[path, default: Branch()].number = Array(name.utf8) }
        for fact in Fact.allCases { members[fact.rawValue, default: Branch()].fact = fact }
        branches = Self.tree(members, hash)
    }

    private static func tree(_ members: [String: Branch], _ hash: JSONKeyHash) -> [Branch] {
        var branches = [Branch()]
        /// What is below each branch.
        var below = [members.map { (path: $0.key.split(separator: ".")[...], branch: $0.value) }]
        var index = 0
        while index < branches.count {
            if let own = below[index].first(where: \.path.isEmpty) { branches[index] = own.branch }
            let children = Dictionary(grouping: below[index].filter { !$0.path.isEmpty }) { $0.path.first ?? "" }
            branches[index].firstChild = branches.count
            if !children.isEmpty { branches[index].table = JSONKeyTable(children.keys.map(String.init), hash: hash) }
            for (_, members) in children {
                branches.append(Branch())
                below.append(members.map { ($0.path.dropFirst(), $0.branch) })
            }
            index += 1
        }
        return branches
    }

    /// Takes what there is in a document; all of before is gone.
    mutating func take(_ document: JSONNode) {
        words.removeAll()
        (eventType, sourceIP, destinationIP, signature, sensor) = ("", "", "", "", "")
        (sourceBytes, destinationBytes, signatureID) = (0, 0, nil)
        (question, serverName, assignedIP, hostName) = ("", "", "", "")
        names.removeAll(keepingCapacity: true)
        resolved.removeAll(keepingCapacity: true)
        take(document, 0)
        for address in resolved where !question.isEmpty { names.append((address, question, .dns)) }
        if !hostName.isEmpty, !assignedIP.isEmpty, assignedIP != "0.0.0.0" {
            names.append((assignedIP, hostName, .dhcp))
        }
        if !serverName.isEmpty, !destinationIP.isEmpty { names.append((destinationIP, serverName, .tls)) }
    }

    private mutating func take(_ node: JSONNode, _ branch: Int) {
        switch node.kind {
        case .object:
            guard let table = branches[branch].table else { return }
            for (key, value) in node.members {
                if let child = table.find(key) { take(value, branches[branch].firstChild + child) }
            }
        case .array: for element in node.elements { take(element, branch) }
        case .null: break
        default:
            if let mode = branches[branch].words { take(node, mode) }
            if let name = branches[branch].number, let number = node.int64 { words.add(name, number) }
            if let fact = branches[branch].fact { take(node, fact) }
        }
    }

    private mutating func take(_ value: JSONNode, _ mode: SearchWords.Mode) {
        if value.hasEscapes {
            Array((value.string ?? "").utf8).withUnsafeBytes { words.add($0, mode) }
        } else {
            words.add(value.content, mode)
        }
    }

    private mutating func take(_ value: JSONNode, _ fact: Fact) {
        switch fact {
        case .sourceBytes: sourceBytes = value.int64 ?? 0
        case .destinationBytes: destinationBytes = value.int64 ?? 0
        case .signatureID: signatureID = value.int64
        default:
            guard let text = value.string else { return }
            if fact == .sourceIP || fact == .destinationIP {
                words.add(value.content, .whole)
                words.add(networksOf: value.content)
            }
            switch fact {
            case .sourceIP: sourceIP = text
            case .destinationIP: destinationIP = text
            case .signature: signature = text
            case .sensor: sensor = text
            case .question: question = text
            case .resolved: if resolved.count < 16 { resolved.append(text) }
            case .serverName: serverName = text
            case .assignedIP: assignedIP = text
            case .hostName: hostName = text
            case .eventType: eventType = text
            case .sourceBytes, .destinationBytes, .signatureID: break
            }
        }
    }
}

/// Where a name was learned.
enum NameSource: String, Sendable {
    case dns, dhcp, tls
}
