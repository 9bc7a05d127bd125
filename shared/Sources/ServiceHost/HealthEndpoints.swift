import HTTPServer
import HTTPTypes
import JSON
import Lifecycle
import Logging
import Metrics

/// The answers of `/healthz`, `/readyz`, `/settings` and `/metrics`.
struct HealthEndpoints: Sendable {
    let heartbeat: Heartbeat
    let readiness: Readiness
    let origins: SettingOrigins
    let registries: [MetricsRegistry]

    var router: Router {
        Router([
            .atOnce(.get, "/healthz") { _ in .whole(health()) },
            .atOnce(.get, "/readyz") { _ in .whole(ready()) },
            .atOnce(.get, "/settings") { _ in .whole(origins.response) },
            .atOnce(.get, "/metrics") { _ in .whole(metrics()) },
        ])
    }

    private func health() -> ServerResponse {
        let age = heartbeat.ageNanoseconds / 1_000_000_000
        let isHealthy = age <= ServiceHost.heartbeatSecondsMax
        return answer(isGood: isHealthy) { json in
            json.member("healthy", isHealthy)
            if !isHealthy { json.member("reason", "the main loop gave no sign of life for \(age) s") }
        }
    }

    func ready() -> ServerResponse {
        answer(isGood: readiness.isReady) { json in
            json.member("ready", readiness.isReady)
            json.object("parts") { json in
                for part in readiness.parts {
                    json.object(part.name) { json in
                        json.member("ready", part.isReady)
                        if !part.isReady { json.member("reason", VisibleText(part.reason)) }
                        if !part.warning.isEmpty { json.member("warning", VisibleText(part.warning)) }
                    }
                }
            }
        }
    }

    private func metrics() -> ServerResponse {
        ServerResponse(contentType: MetricsRegistry.contentType, text: registries.map { $0.render() }.joined())
    }

    private func answer(isGood: Bool, _ members: (inout JSONWriter) -> Void) -> ServerResponse {
        ServerResponse(
            isGood ? .ok : .serviceUnavailable, contentType: "application/json",
            text: JSONWriter.objectText(members) + "\n")
    }
}
