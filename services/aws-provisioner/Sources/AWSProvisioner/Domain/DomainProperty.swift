import JSON

/// A property of a domain that the program knows: where it stands in requests and descriptions, and its name for people.
enum DomainProperty: String, CaseIterable, Sendable {
    case engineVersion = "EngineVersion"
    case instanceType = "ClusterConfig.InstanceType"
    case instanceCount = "ClusterConfig.InstanceCount"
    case volumes = "EBSOptions.EBSEnabled"
    case volumeType = "EBSOptions.VolumeType"
    case volumeGiB = "EBSOptions.VolumeSize"
    case encryptionAtRest = "EncryptionAtRestOptions.Enabled"
    case encryptionBetweenNodes = "NodeToNodeEncryptionOptions.Enabled"
    case httpsOnly = "DomainEndpointOptions.EnforceHTTPS"
    case tlsPolicy = "DomainEndpointOptions.TLSSecurityPolicy"
    case fineGrainedAccess = "AdvancedSecurityOptions.Enabled"
    case internalUsers = "AdvancedSecurityOptions.InternalUserDatabaseEnabled"
    case master = "AdvancedSecurityOptions.MasterUserOptions.MasterUserARN"
    case accessPolicy = "AccessPolicies"

    /// The names of the members that lead to it.
    var path: [Substring] { rawValue.split(separator: ".") }

    /// What it is called in a plan.
    var title: String {
        switch self {
        case .engineVersion: "engine"
        case .instanceType: "machine"
        case .instanceCount: "number of machines"
        case .volumes: "volumes"
        case .volumeType: "kind of volume"
        case .volumeGiB: "volume of a machine"
        case .encryptionAtRest: "encryption at rest"
        case .encryptionBetweenNodes: "encryption between nodes"
        case .httpsOnly: "HTTPS only"
        case .tlsPolicy: "TLS policy"
        case .fineGrainedAccess: "fine-grained access control"
        case .internalUsers: "users with passwords"
        case .master: "master of the domain"
        case .accessPolicy: "access policy"
        }
    }

    /// Whether a plan tells of it only when it differs: another line says it, too.
    var isImplied: Bool { self == .volumes }

    /// A value in the words of a plan.
    func text(_ value: Value) -> String {
        switch (self, value) {
        case (.volumeGiB, .number(let size)): "\(size) GiB"
        case (.accessPolicy, .text(let policy)): AccessPolicy.summary(of: policy)
        case (_, .text(let text)): text
        case (_, .number(let number)): String(number)
        case (_, .flag(let isOn)): isOn ? "on" : "off"
        }
    }

    /// What a property can be.
    enum Value: Equatable, Sendable, JSONWritable {
        case text(String)
        case number(Int)
        case flag(Bool)

        /// nil for what is neither.
        init?(_ node: JSONNode) {
            if let text = node.printable {
                self = .text(text)
            } else if let flag = node.bool {
                self = .flag(flag)
            } else if let number = node.int64.flatMap(Int.init(exactly:)) {
                self = .number(number)
            } else {
                return nil
            }
        }

        func write(to writer: inout JSONWriter) {
            switch self {
            case .text(let text): writer.value(text)
            case .number(let number): writer.value(number)
            case .flag(let flag): writer.value(flag)
            }
        }
    }
}

/// Values of properties, of a domain or of a request.
struct DomainConfiguration: Equatable, Sendable {
    private var values: [DomainProperty: DomainProperty.Value] = [:]

    /// No values.
    init() {}

    /// The values that a description of a domain has.
    init(_ status: JSONNode) {
        for property in DomainProperty.allCases {
            var node: JSONNode? = status
            for name in property.path { node = node?.member(name) }
            values[property] = node.flatMap(DomainProperty.Value.init)
        }
    }

    subscript(property: DomainProperty) -> DomainProperty.Value? {
        get { values[property] }
        set { values[property] = newValue }
    }

    /// The properties that have values, in their order.
    var properties: [DomainProperty] { DomainProperty.allCases.filter { values[$0] != nil } }

    /// Whether nothing is said.
    var isEmpty: Bool { values.isEmpty }

    /// Writes the members of a request, each in its place.
    func write(to json: inout JSONWriter) {
        Self.write(properties.compactMap { property in values[property].map { (property.path[...], $0) } }, to: &json)
    }

    private static func write(
        _ members: [(path: ArraySlice<Substring>, value: DomainProperty.Value)], to json: inout JSONWriter
    ) {
        var rest = members[...]
        while let (path, value) = rest.first, let name = path.first {
            let count = rest.prefix { $0.path.first == name }.count
            if path.count == 1 {
                json.member(String(name), value)
            } else {
                json.object(String(name)) { json in
                    write(rest.prefix(count).map { ($0.path.dropFirst(), $0.value) }, to: &json)
                }
            }
            rest = rest.dropFirst(count)
        }
    }
}

extension JSONNode {
    /// A member by a name that is not known before the program runs.
    func member(_ name: some StringProtocol) -> JSONNode? {
        members.first { $0.key.string.map { $0 == name } == true }?.value
    }

    /// Reads a text; nil when it is no JSON.
    static func reading<Result>(_ bytes: [UInt8], _ read: (JSONNode) throws -> Result) rethrows -> Result? {
        try bytes.withUnsafeBytes { bytes in
            var tree = JSONTree()
            guard let root = try? tree.parse(bytes) else { return nil }
            return try read(root)
        }
    }
}
