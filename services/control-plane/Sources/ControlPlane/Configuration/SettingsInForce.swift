import HTTPClient
import JSON
import Lifecycle
import Settings

/// What a service says of its own settings: since when it has them, where they come from, and whether it works with them.
struct SettingsInForce: Sendable, Equatable {
    let service: String
    /// Why it does not answer; nil when it does.
    var silence: String?
    /// When its process began, as it says itself.
    var started = ""
    var isReady = false
    /// Why it is not ready; nil when it is, or says nothing.
    var reason: String?
    /// The keys that it reads, and where each comes from: `default`, `file`, `environment NAME`, `--set`.
    var keys: [String: String] = [:]
    /// What it costs, as far as it works on events.
    var work: BatchMeasure.Work?

    /// What keeps a key's value in the file from counting for this service; nil when nothing does, or it does not read the key.
    func override(of key: String) -> String? {
        keys[key].flatMap { ["default", "file"].contains($0) ? nil : $0 }
    }

    /// Whether it takes the key from the file.
    func takes(_ key: String) -> Bool { keys[key] != nil && override(of: key) == nil }
}

/// Asks services for it.
protocol SettingsWatch: Sendable {
    /// All services, at this moment; takes a few seconds at most.
    func look() -> [SettingsInForce]
}

/// Asks them at the ports of their metrics and health.
struct ServicesWatch: SettingsWatch {
    private static let answerBytesMax = 1 << 18
    private static let keysMax = 1_000

    let services: [ServiceAddress]

    func look() -> [SettingsInForce] {
        let ports = try? ServicePorts(
            services, paths: ["/settings", "/readyz", "/metrics"], answerBytesMax: Self.answerBytesMax,
            userAgent: "control-plane")
        let answers = ports?.ask() ?? services.map { _ in [nil, nil, nil] }
        return zip(services, answers).map { service, answers in
            let bodies = answers.map { answer in try? answer?.get().body }
            var result = Self.read(bodies[0], bodies[1], of: service)
            result.work = bodies[2].flatMap { BatchMeasure.Work(Exposition($0, wanted: BatchMeasure.Work.names)) }
            return result
        }
    }

    private static func read(_ settings: [UInt8]?, _ readiness: [UInt8]?, of service: ServiceAddress) -> SettingsInForce
    {
        var result = SettingsInForce(service: service.name)
        let isUnderstood = with(settings) { json in
            guard let started = json["started"]?.printable else { return false }
            result.started = started
            guard let keys = json["keys"] else { return false }
            for member in keys.members.prefix(keysMax) {
                if let key = member.key.printable { result.keys[key] = member.value.printable }
            }
            return true
        }
        let isJudged = with(readiness) { json in
            result.isReady = json["ready"]?.bool ?? false
            let faults = json["parts"]?.members.filter { $0.value["ready"]?.bool == false } ?? []
            result.reason = faults.first.map { "\($0.key.printable ?? ""): \($0.value["reason"]?.printable ?? "")" }
            return true
        }
        if !isUnderstood || !isJudged { result.silence = "nothing answers at \(service.authority)" }
        return result
    }

    private static func with(_ body: [UInt8]?, _ read: (JSONNode) -> Bool) -> Bool {
        guard let body else { return false }
        var tree = JSONTree()
        return body.withUnsafeBytes { bytes in (try? tree.parse(bytes)).map(read) ?? false }
    }
}
