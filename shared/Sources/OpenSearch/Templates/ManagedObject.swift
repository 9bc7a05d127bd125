import Digest
import JSON

/// An object that OpenSearch keeps for us: a template, or the lifecycle policy. It carries its version, so that an older one is
/// replaced, and a newer one is left.
public struct ManagedObject: Sendable {
    /// The kinds of objects, by their paths.
    public enum Kind: String, Sendable {
        /// A part of an index template.
        case componentTemplate = "_component_template"
        /// What new indexes with matching names are made from.
        case indexTemplate = "_index_template"
        /// What happens to indexes as they age.
        case lifecyclePolicy = "_plugins/_ism/policies"

        /// The kind, in words for people.
        public var text: String {
            switch self {
            case .componentTemplate: "component template"
            case .indexTemplate: "index template"
            case .lifecyclePolicy: "lifecycle policy"
            }
        }
    }

    /// Raised with every release that changes an object. An object of a higher version in the store is left alone.
    public static let version = 2

    /// Its kind.
    public let kind: Kind
    /// Its name in the store.
    public let name: String
    /// The body of the `PUT` request.
    public let json: [UInt8]
    /// Tells apart objects of one version that were made from different settings.
    let fingerprint: String

    /// A template.
    ///
    /// - Parameter members: writes its members.
    init(template kind: Kind, _ name: String, description: String, members: (inout JSONWriter) -> Void) {
        (self.kind, self.name) = (kind, name)
        let fingerprint = Self.fingerprint(of: members)
        json = JSONWriter.object { json in
            members(&json)
            json.member("version", Self.version)
            json.object("_meta") { json in
                json.member("description", description)
                json.member("managed_by", "opensearch-shipper")
                json.member("version", Self.version)
                json.member("fingerprint", fingerprint)
            }
        }
        self.fingerprint = fingerprint
    }

    /// A lifecycle policy. It has no `_meta`: its version is in the description.
    ///
    /// - Parameter members: writes its members.
    init(policy name: String, description: String, members: (inout JSONWriter) -> Void) {
        (kind, self.name) = (.lifecyclePolicy, name)
        let mark = ManagedMark(version: Int64(Self.version), fingerprint: Self.fingerprint(of: members))
        json = JSONWriter.object { json in
            json.object("policy") { json in
                json.member("description", "\(description) \(mark.text)")
                members(&json)
            }
        }
        fingerprint = mark.fingerprint
    }

    /// Fingerprints in existing stores are of the members without the surrounding braces.
    private static func fingerprint(of members: (inout JSONWriter) -> Void) -> String {
        let json = JSONWriter.object(members)
        let hash = json.withUnsafeBytes {
            ContentHash.bits64(UnsafeRawBufferPointer(rebasing: $0.dropFirst().dropLast()))
        }
        return String(hash, radix: 16)
    }

    /// Its path below the endpoint.
    public var path: String { "\(kind.rawValue)/\(name)" }

    /// Whether documents can be stored as they should be without it.
    var isOptional: Bool { kind == .lifecyclePolicy }
}

/// The version mark of an object in the store.
struct ManagedMark: Equatable {
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
