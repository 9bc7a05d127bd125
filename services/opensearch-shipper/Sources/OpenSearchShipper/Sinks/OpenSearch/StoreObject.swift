import Digest

/// Something that the store keeps for us: a template, or the lifecycle policy. It says of which version it is, so that an
/// older one is replaced, and a newer one left.
struct StoreObject {
    /// The kinds of objects, by their paths.
    enum Kind: String {
        case componentTemplate = "_component_template"
        case indexTemplate = "_index_template"
        case lifecyclePolicy = "_plugins/_ism/policies"

        /// The kind for people.
        var text: String {
            switch self {
            case .componentTemplate: "component template"
            case .indexTemplate: "index template"
            case .lifecyclePolicy: "lifecycle policy"
            }
        }
    }

    /// Raised with every release that changes an object. An object of a higher version in the store is left alone.
    static let version = 2

    let kind: Kind
    let name: String
    /// Tells apart what different settings make of one version.
    let fingerprint: String
    /// The body of the `PUT` request.
    let json: String

    /// A template of these members, without the braces around them.
    init(_ kind: Kind, _ name: String, members: String, description: String) {
        self.init(kind, name, of: members) { fingerprint in
            """
            {\(members),"version":\(Self.version),"_meta":{"description":"\(description)",\
            "managed_by":"opensearch-shipper","version":\(Self.version),"fingerprint":"\(fingerprint)"}}
            """
        }
    }

    /// A lifecycle policy of these members, without the braces around them. A policy has no `_meta`: its version is in
    /// the description.
    init(policy name: String, members: String, description: String) {
        self.init(.lifecyclePolicy, name, of: members) { fingerprint in
            let mark = StoreMark(version: Int64(Self.version), fingerprint: fingerprint)
            return #"{"policy":{"description":"\#(description) \#(mark.text)",\#(members)}}"#
        }
    }

    private init(_ kind: Kind, _ name: String, of members: String, json: (_ fingerprint: String) -> String) {
        self.kind = kind
        self.name = name
        var copy = members
        let hash = copy.withUTF8 { ContentHash.bits64(UnsafeRawBufferPointer($0)) }
        fingerprint = String(hash, radix: 16)
        self.json = json(fingerprint)
    }

    /// Where it is, below the endpoint.
    var path: String { "\(kind.rawValue)/\(name)" }

    /// Whether documents can be stored as they should be without it.
    var isOptional: Bool { kind == .lifecyclePolicy }
}

/// What an object in the store says of itself.
struct StoreMark: Equatable {
    /// 0 for an object that is not ours.
    var version: Int64 = 0
    var fingerprint = ""

    /// The mark at the end of a description, `[opensearch-shipper 2 1f0e]`.
    var text: String { "\(Self.front)\(version) \(fingerprint)]" }

    private static let front = "[opensearch-shipper "

    init(version: Int64 = 0, fingerprint: String = "") {
        self.version = version
        self.fingerprint = fingerprint
    }

    /// Reads the mark at the end of a description; nothing where there is none.
    init(description: String) {
        guard description.hasSuffix("]"), let bracket = description.utf8.lastIndex(of: UInt8(ascii: "[")) else {
            return
        }
        let mark = description[bracket...]
        guard mark.hasPrefix(Self.front) else { return }
        let words = mark.dropFirst(Self.front.count).dropLast().split(separator: " ")
        guard words.count == 2, let version = Int64(words[0]) else { return }
        self.version = version
        fingerprint = String(words[1])
    }
}
