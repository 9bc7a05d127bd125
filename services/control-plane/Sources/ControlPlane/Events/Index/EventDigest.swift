import JSON
import Networks

/// What the index takes from one document: its words, and what they mean for groups, hosts and names.
struct EventDigest {
    /// Members that are looked at, as a tree, so that a document is gone through once.
    private enum Use {
        case words(SearchWords.Mode)
        case number(String)
        case fact(Fact)
    }

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

    private final class Branch {
        var children: [(name: String, branch: Branch)] = []
        var uses: [Use] = []
        var table: JSONKeyTable?

        func add(_ path: ArraySlice<Substring>, _ use: Use) {
            guard let name = path.first else { return uses.append(use) }
            let child = children.first { $0.name == name }?.branch ?? Branch()
            if !children.contains(where: { $0.name == name }) { children.append((String(name), child)) }
            child.add(path.dropFirst(), use)
        }

        func prepare(_ hash: JSONKeyHash) {
            if !children.isEmpty { table = JSONKeyTable(children.map(\.name), hash: hash) }
            for (_, branch) in children { branch.prepare(hash) }
        }
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
    private let root = Branch()

    /// - Parameter hash: that of the tree that parses the documents.
    init(hash: JSONKeyHash) {
        for (path, mode) in SearchWords.fields { root.add(path.split(separator: ".")[...], .words(mode)) }
        for (path, name) in SearchWords.numbers { root.add(path.split(separator: ".")[...], .number(name)) }
        for fact in Fact.allCases { root.add(fact.rawValue.split(separator: ".")[...], .fact(fact)) }
        root.prepare(hash)
    }

    /// Takes what there is in a document; all of before is gone.
    mutating func take(_ document: JSONNode) {
        words.removeAll()
        (eventType, sourceIP, destinationIP, signature, sensor) = ("", "", "", "", "")
        (sourceBytes, destinationBytes, signatureID) = (0, 0, nil)
        (question, serverName, assignedIP, hostName) = ("", "", "", "")
        names.removeAll(keepingCapacity: true)
        resolved.removeAll(keepingCapacity: true)
        take(document, root)
        for address in resolved where !question.isEmpty { names.append((address, question, .dns)) }
        if !hostName.isEmpty, !assignedIP.isEmpty, assignedIP != "0.0.0.0" {
            names.append((assignedIP, hostName, .dhcp))
        }
        if !serverName.isEmpty, !destinationIP.isEmpty { names.append((destinationIP, serverName, .tls)) }
    }

    private mutating func take(_ node: JSONNode, _ branch: Branch) {
        switch node.kind {
        case .object:
            guard let table = branch.table else { return }
            for (key, value) in node.members {
                if let index = table.find(key) { take(value, branch.children[index].branch) }
            }
        case .array: for element in node.elements { take(element, branch) }
        case .null: break
        default: for use in branch.uses { take(node, use) }
        }
    }

    private mutating func take(_ value: JSONNode, _ use: Use) {
        switch use {
        case .words(let mode):
            if value.hasEscapes {
                Array((value.string ?? "").utf8).withUnsafeBytes { words.add($0, mode) }
            } else {
                words.add(value.content, mode)
            }
        case .number(let name): if let number = value.int64 { words.add(name, number) }
        case .fact(let fact): take(value, fact)
        }
    }

    private mutating func take(_ value: JSONNode, _ fact: Fact) {
        switch fact {
        case .sourceBytes: sourceBytes = value.int64 ?? 0
        case .destinationBytes: destinationBytes = value.int64 ?? 0
        case .signatureID: signatureID = value.int64
        default:
            guard let text = value.string else { return }
            switch fact {
            case .sourceIP:
                sourceIP = text
                addAddress(value)
            case .destinationIP:
                destinationIP = text
                addAddress(value)
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

    private mutating func addAddress(_ value: JSONNode) {
        words.add(value.content, .whole)
        if let address = IPAddress(text: value.content) { words.add(address) }
    }
}

/// Where a name was learned.
enum NameSource: String, Sendable {
    case dns, dhcp, tls
}
