import HTTPServer
import JSON
import Lifecycle

/// `/api/health`: whether the service works, for who watches it and has no account.
struct HealthAPI: Sendable {
    let readiness: Readiness
    let pages: Pages

    var route: Route {
        .atOnce(.get, "/api/health") { _ in
            let body = JSONWriter.objectText { json in
                json.member("ready", readiness.isReady)
                json.object("pages") { json in
                    json.member("complete", pages.missing.isEmpty)
                    if !pages.missing.isEmpty {
                        json.member("missing", pages.missing)
                        json.member("command", Pages.command)
                    }
                }
            }
            return .whole(
                ServerResponse(
                    readiness.isReady ? .ok : .serviceUnavailable, contentType: "application/json", text: body + "\n"))
        }
    }
}
