import APIDescription
import HTTPServer
import HTTPTypes
import Logging
import SQLite
import Settings
import Synchronization

/// What is served on the port of page and API: all routes, each behind the guard.
final class Site: Sendable {
    /// Fields of every answer that has none of its own of that name.
    private static let fields: HTTPFields = [
        "content-security-policy": Pages.policy, "x-content-type-options": "nosniff", "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()", "cache-control": "no-store",
    ]

    private let web: WebSettings
    private let watch: RequestGuard
    private let routes: [Route]
    private let servers = Mutex<[HTTPServer]>([])

    /// - Parameters:
    ///   - names: of this machine.
    ///   - operations: the API.
    ///   - others: routes beside it.
    init(
        _ web: WebSettings, names: Set<String>, version: String, accounts: Accounts, operations: [Operation],
        others: [Route]
    ) {
        self.web = web
        watch = RequestGuard(
            hosts: names, networks: web.allowedNetworks, sessionCookie: accounts.options.cookieName,
            isEncrypted: web.tls != .off)
        let described = operations.map { operation in
            var operation = operation
            operation.errors += RequestGuard.statuses
            operation.work = operation.work.tellingOfDisk
            return operation
        }
        let api = API(
            title: "IDS suite", version: version, prefix: "/api/v1", sessionCookie: accounts.options.cookieName,
            operations: described, identify: { accounts.identity(of: $0)?.caller })
        let limited = api.routes.map { route in
            var route = route
            let admission = route.admission
            route.admission = { request in accounts.refusal(of: request)?.response ?? admission?(&request) }
            return route
        }
        // What is not in the API is no page either; a body is not taken to say so.
        let unknown = [HTTPMethod.get, .post, .put, .patch, .delete].map { method in
            let response = Problem(.notFound, "the API has nothing here; /openapi.json describes it").response
            var route = Route.blocking(method, "/api/{path...}") { _ in .whole(response) }
            route.admission = { _ in response }
            return route
        }
        routes = watch.protect(limited + unknown + others)
    }

    /// Opens a port.
    ///
    /// - Parameters:
    ///   - identity: nil for plain HTTP.
    ///   - home: where `/` leads on this port; nil for the page that is there.
    func open(
        _ port: Int, _ identity: Listener.TLSIdentity?, home: String? = nil, logger: Logger
    ) throws(HTTPServerError) -> HTTPServer {
        var limits = HTTPLimits()
        // Who waits for the cloud holds up nobody else.
        limits.workerThreads += CloudEvents.questionsMax
        let first = home.map { home in
            Route.atOnce(.get, "/") { _ in .whole(ServerResponse(302, fields: ["location": home], body: [])) }
        }
        let opened = try HTTPServer(
            [.tcp(bind: web.bind, port: port, identity: identity)],
            router: Router((first.map { watch.protect([$0]) } ?? []) + routes), limits: limits,
            fields: Self.fields,
            refusal: Problem.response,
            log: { logger.warning("the page and the API: a fault", ["detail": $0]) },
            libraryLog: { logger.debug("the HTTP library reports a fault", ["detail": $0]) })
        servers.withLock { $0.append(opened) }
        return opened
    }

    /// New connections get the certificate that is in the files now.
    func reloadIdentity() { for server in servers.withLock({ $0 }) { server.reloadIdentities() } }
}

extension Operation.Work {
    /// The same, but where the disk keeps something from being written, that is told.
    fileprivate var tellingOfDisk: Self {
        guard case .blocking(let work) = self else { return self }
        return .blocking { call in
            do {
                return try work(call)
            } catch let error as SQLiteError where [.full, .inputOutput, .readOnly].contains(error.code) {
                let reason = error.code == .full ? "is full" : "cannot be written"
                throw Problem(.serviceUnavailable, "the disk of control-plane \(reason): nothing was changed").refusal
            }
        }
    }
}
