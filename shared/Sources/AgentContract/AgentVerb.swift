public import JSON

/// What the agent may be asked to do; each begins a job.
public enum AgentVerb: Sendable, Equatable {
    /// Starts something anew.
    case restart(AgentTarget)
    /// Puts a revision of the configuration in its place, and starts anew what it concerns.
    case applyConfiguration(revision: Int)
    /// Runs a phase of the host's setup.
    case run(phase: Phase)

    /// A phase of the host's setup.
    public enum Phase: String, Sendable, CaseIterable {
        case A, B, C, D, E, F, G
    }

    /// The path of the request.
    public var path: String {
        switch self {
        case .restart: "/v1/restart"
        case .applyConfiguration: "/v1/config/apply"
        case .run(let phase): "/v1/phases/\(phase)/run"
        }
    }

    /// The body of the request.
    ///
    /// - Parameter user: who wants it, for the agent's own log.
    public func body(by user: String) -> [UInt8] {
        JSONWriter.object { json in
            switch self {
            case .restart(let target): json.member("target", target.description)
            case .applyConfiguration(let revision): json.member("revision", revision)
            case .run: break
            }
            json.member("by", user)
        }
    }

    /// The verb of a request, as the agent reads it; nil for what is none.
    public init?(path: String, body: JSONNode) {
        switch path {
        case "/v1/restart":
            guard let target = body["target"]?.string.flatMap(AgentTarget.init) else { return nil }
            self = .restart(target)
        case "/v1/config/apply":
            guard let revision = body["revision"]?.int64, 1...1_000_000 ~= revision else { return nil }
            self = .applyConfiguration(revision: Int(revision))
        default:
            guard let phase = Phase.allCases.first(where: { path == Self.run(phase: $0).path }) else { return nil }
            self = .run(phase: phase)
        }
    }
}

/// What can be started anew.
public enum AgentTarget: Hashable, Sendable, CustomStringConvertible {
    /// Suricata.
    case suricata
    /// The agent itself.
    case agent
    /// All services of the suite.
    case stack
    /// One service of the suite, such as `eve-reader`.
    case service(String)

    private static let nameBytesMax = 63

    /// As it is written in requests and answers: `suricata`, `agent`, `stack`, `service:NAME`.
    public var description: String {
        switch self {
        case .suricata: "suricata"
        case .agent: "agent"
        case .stack: "stack"
        case .service(let name): "service:\(name)"
        }
    }

    /// The target of this text. nil for what is none: a service is lower-case letters, digits and `-`, and begins with a letter.
    public init?(_ text: String) {
        switch text {
        case "suricata": self = .suricata
        case "agent": self = .agent
        case "stack": self = .stack
        default:
            let prefix = "service:"
            guard text.hasPrefix(prefix) else { return nil }
            let name = text.utf8.dropFirst(prefix.utf8.count)
            let isName = name.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || byte == UInt8(ascii: "-")
            }
            guard let first = name.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first, isName,
                name.count <= Self.nameBytesMax
            else { return nil }
            self = .service(String(decoding: name, as: UTF8.self))
        }
    }
}
