import HTTPServer
import Lifecycle
import Logging
import Metrics

/// The answers of `/healthz`, `/readyz` and `/metrics`.
struct HealthEndpoints: Sendable {
    let heartbeat: Heartbeat
    let readiness: Readiness
    let registries: [MetricsRegistry]

    var routes: [String: HTTPServer.Route] {
        ["/healthz": health, "/readyz": ready, "/metrics": metrics]
    }

    @Sendable private func health() -> HTTPResponse {
        let age = heartbeat.ageNanoseconds / 1_000_000_000
        guard age > ServiceHost.heartbeatSecondsMax else { return json(true, #"{"healthy":true}"#) }
        return json(false, #"{"healthy":false,"reason":"the main loop gave no sign of life for \#(age) s"}"#)
    }

    @Sendable private func ready() -> HTTPResponse {
        let parts = readiness.parts.map { part in
            let reason = part.isReady ? "" : #","reason":\#(quoted(part.reason))"#
            let warning = part.warning.isEmpty ? "" : #","warning":\#(quoted(part.warning))"#
            return #"\#(quoted(part.name)):{"ready":\#(part.isReady)\#(reason)\#(warning)}"#
        }
        return json(readiness.isReady, #"{"ready":\#(readiness.isReady),"parts":{\#(parts.joined(separator: ","))}}"#)
    }

    @Sendable private func metrics() -> HTTPResponse {
        HTTPResponse(contentType: MetricsRegistry.contentType, text: registries.map { $0.render() }.joined())
    }

    private func json(_ isGood: Bool, _ text: String) -> HTTPResponse {
        HTTPResponse(status: isGood ? 200 : 503, contentType: "application/json", text: text + "\n")
    }

    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        TextEscaping.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
