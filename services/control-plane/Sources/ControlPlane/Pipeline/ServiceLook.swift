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
    /// The longest that one answer may take.
    private static let timeoutMilliseconds = 2_000
    /// The longest answer that is read; the exporter's has some 30 KB.
    private static let answerBytesMax = 1 << 20
    private static let partsMax = 16
    private static let textBytesMax = 500

    private let client: HTTPClient
    private var states: [ServiceState]
    private var lastCPU: [String: (seconds: Double, at: Int64)] = [:]
    private var tree = JSONTree()

    /// - Throws: ``HTTPError`` when libcurl has no memory for a handle.
    init(_ services: [ServiceAddress], userAgent: String) throws(HTTPError) {
        var options = HTTPClient.Options(userAgent: userAgent)
        options.connectTimeoutMilliseconds = Self.timeoutMilliseconds / 2
        options.requestTimeoutMilliseconds = Self.timeoutMilliseconds
        options.responseBytesMax = Self.answerBytesMax
        options.connectionsMax = services.count
        client = try HTTPClient(options)
        states = services.map { ServiceState(address: $0) }
    }

    /// Looks once; takes as long as the slowest answer, two seconds at most.
    func look(wakingOn stop: StopSignal) -> [ServiceState] {
        var answers: [UInt64: Result<ClientResponse, HTTPError>] = [:]
        for (index, state) in states.enumerated() {
            for (part, path) in ["/metrics", "/readyz"].enumerated() {
                let tag = UInt64(index * 2 + part)
                do throws(HTTPError) {
                    try client.send(ClientRequest(.get, "http://\(state.address.authority)\(path)"), tag: tag)
                } catch {
                    answers[tag] = .failure(error)
                }
            }
        }
        let deadline = Deadline.milliseconds(Self.timeoutMilliseconds * 2)
        while client.inFlightCount > 0, !stop.isStopped, !deadline.hasPassed {
            for completion in client.poll(
                milliseconds: deadline.remainingMilliseconds, wakingOn: [stop.fileDescriptor])
            {
                answers[completion.tag] = completion.result
            }
        }
        for index in states.indices {
            take(answers[UInt64(index * 2)], answers[UInt64(index * 2 + 1)], into: &states[index])
        }
        return states
    }

    private func take(
        _ metrics: Result<ClientResponse, HTTPError>?, _ readiness: Result<ClientResponse, HTTPError>?,
        into state: inout ServiceState
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
