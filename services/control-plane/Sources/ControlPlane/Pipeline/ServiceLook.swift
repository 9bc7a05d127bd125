import HTTPClient
import JSON
import Lifecycle
import Settings

/// How one service was found.
struct ServiceState: Sendable {
    /// One thing that it needs, as it says itself.
    struct Part: Sendable, Equatable {
        var name: String
        var isReady: Bool
        /// Why not, or what is wrong although it is ready.
        var text: String
    }

    let address: ServiceAddress
    /// Why it did not answer; nil when it did.
    var silence: String?
    /// Whether it has ever answered since this process started.
    var wasSeen = false
    var isReady = false
    var parts: [Part] = []
    var metrics = Exposition()
    /// Cores that it has used since the look before, 1 for a whole one.
    var cpu: Double?

    /// Whether it has answered.
    var isUp: Bool { silence == nil }
    /// Why it cannot work; nil when it can.
    var fault: String? {
        if let silence { return silence }
        return isReady ? nil : parts.first { !$0.isReady }?.text ?? "it is not ready"
    }
}

/// Asks all services at once for their metrics and their readiness.
final class ServiceLook {
    /// The longest answer that is read; the exporter's has some 30 KB.
    private static let answerBytesMax = 1 << 20
    private static let partsMax = 16
    private static let textBytesMax = 500

    private let ports: ServicePorts
    private var states: [ServiceState]
    private var lastCPU: [String: (seconds: Double, at: Int64)] = [:]
    private var tree = JSONTree()

    /// - Throws: ``HTTPError`` when libcurl has no memory for a handle.
    init(_ services: [ServiceAddress], userAgent: String) throws(HTTPError) {
        ports = try ServicePorts(
            services, paths: ["/metrics", "/readyz"], answerBytesMax: Self.answerBytesMax, userAgent: userAgent)
        states = services.map { ServiceState(address: $0) }
    }

    /// Looks once; takes as long as the slowest answer, two seconds at most.
    func look(wakingOn stop: StopSignal) -> [ServiceState] {
        for (index, answers) in ports.ask(wakingOn: stop).enumerated() {
            take(answers[0], answers[1], into: &states[index])
        }
        return states
    }

    private func take(
        _ metrics: ServicePorts.Answer?, _ readiness: ServicePorts.Answer?, into state: inout ServiceState
    ) {
        guard case .success(let readiness)? = readiness, case .success(let metrics)? = metrics else {
            let error: HTTPError? =
                if case .failure(let error)? = readiness { error } else if case .failure(let error)? = metrics {
                    error
                } else { nil }
            state.silence = Self.silence(error, at: state.address)
            (state.isReady, state.parts, state.metrics, state.cpu) = (false, [], Exposition(), nil)
            return
        }
        (state.silence, state.wasSeen, state.isReady) = (nil, true, readiness.status == .ok)
        state.parts = parts(of: readiness.body)
        state.metrics = Exposition(metrics.body)
        let now = MonotonicClock.nanoseconds()
        if let seconds = state.metrics.value("process_cpu_seconds_total") {
            state.cpu = lastCPU[state.address.name].flatMap { last in
                // A service that was started anew counts from 0.
                seconds < last.seconds || now <= last.at
                    ? nil : (seconds - last.seconds) / (Double(now - last.at) / 1e9)
            }
            lastCPU[state.address.name] = (seconds, now)
        }
    }

    private static func silence(_ error: HTTPError?, at address: ServiceAddress) -> String {
        switch error?.code {
        case .unreachable?: "nothing answers at \(address.authority)"
        case .timeout?, nil: "it does not answer in time at \(address.authority)"
        default: "what answers at \(address.authority) is not it"
        }
    }

    private func parts(of body: [UInt8]) -> [ServiceState.Part] {
        body.withUnsafeBytes { bytes in
            guard let root = try? tree.parse(bytes), let parts = root["parts"] else { return [] }
            return parts.members.prefix(Self.partsMax).map { member in
                let text = member.value["reason"]?.string ?? member.value["warning"]?.string ?? ""
                return ServiceState.Part(
                    name: member.key.printable ?? "", isReady: member.value["ready"]?.bool ?? false,
                    text: String(text.printable.prefix(Self.textBytesMax)))
            }
        }
    }
}
