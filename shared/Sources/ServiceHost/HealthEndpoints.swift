import HTTPServer
import HTTPTypes
import Lifecycle
import Logging
import Metrics

/// The answers of `/healthz`, `/readyz` and `/metrics`.
struct HealthEndpoints: Sendable {
    let heartbeat: Heartbeat
    let readiness: Readiness
    let registries: [MetricsRegistry]

    var router: Router {
        Router([
            .atOnce(.get, "/healthz") { _ in .whole(health()) },
            .atOnce(.get, "/readyz") { _ in .whole(ready()) },
            .atOnce(.get, "/metrics") { _ in .whole(metrics()) },
        ])
    }

    private func health() -> ServerResponse {
        let age = heartbeat.ageNanoseconds / 1_000_000_000
        guard age > ServiceHost.heartbeatSecondsMax else { return json(true, #"{"healthy":true}"#) }
        return json(false, #"{"healthy":false,"reason":"the main loop gave no sign of life for \#(age) s"}"#)
    }

    func ready() -> ServerResponse {
        let parts = readiness.parts.map { part in
            let reason = part.isReady ? "" : #","reason":\#(quoted(part.reason))"#
            let warning = part.warning.isEmpty ? "" : #","warning":\#(quoted(part.warning))"#
            return #"\#(quoted(part.name)):{"ready":\#(part.isReady)\#(reason)\#(warning)}"#
        }
        return json(readiness.isReady, #"{"ready":\#(readiness.isReady),"parts":{\#(parts.joined(separator: ","))}}"#)
    }

    private func metrics() -> ServerResponse {
        ServerResponse(contentType: MetricsRegistry.contentType, text: registries.map { $0.render() }.joined())
    }

    private func json(_ isGood: Bool, _ text: String) -> ServerResponse {
        ServerResponse(isGood ? .ok : .serviceUnavailable, contentType: "application/json", text: text + "\n")
    }

    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        TextEscaping.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
