public import HTTPTypes
public import Lifecycle
import Synchronization

/// An HTTP/1.1 server with WebSockets, for pages, programs and other services.
///
/// One thread serves all clients; what one of them does or does not do cannot hold up another. What may block runs on a
/// bounded pool of threads beside it, so that a route that is answered at once is answered whatever the others do.
public final class HTTPServer: Service, Sendable {
    /// A listener whose socket is open.
    struct OpenListener {
        let socket: ListeningSocket
        let identity: Listener.TLSIdentity?
    }

    private let listeners: [OpenListener]
    private let content: HTTPLoop.Content
    private let libraryLog: @Sendable (String) -> Void
    /// The way to the loop while it runs.
    private let mailbox = Mutex<LoopMailbox?>(nil)

    /// The ports that are listened on, in the order of the listeners without those in the file system.
    public var ports: [Int] { listeners.compactMap(\.socket.port) }

    /// The port of the first listener; 0 when there is none.
    public var port: Int { ports.first ?? 0 }

    /// Opens the sockets, so that connections queue up until `run`.
    ///
    /// - Parameters:
    ///   - listeners: where clients may connect.
    ///   - router: the routes.
    ///   - limits: what clients may use.
    ///   - fields: header fields that are added to every answer unless it has one of the same name.
    ///   - origins: further origins (`https://host:port`) whose pages may open WebSockets, beside this server's own.
    ///   - refusal: makes the answers of the server itself, such as status 404, of a status and a reason in one sentence.
    ///   - log: takes errors of routes and certificates, which are for an operator.
    ///   - libraryLog: takes what the library reports, for the whole process; any client can make it report something.
    public init(
        _ listeners: [Listener], router: Router, limits: HTTPLimits = HTTPLimits(), fields: HTTPFields = [:],
        origins: [String] = [],
        refusal: @escaping @Sendable (HTTPStatus, String) -> ServerResponse = { ServerResponse($0, text: $1 + "\n") },
        log: @escaping @Sendable (String) -> Void = { _ in },
        libraryLog: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(HTTPServerError) {
        var opened: [OpenListener] = []
        for listener in listeners {
            opened.append(OpenListener(socket: try ListeningSocket(listener.address), identity: listener.identity))
        }
        (self.listeners, self.libraryLog) = (opened, libraryLog)
        content = HTTPLoop.Content(
            router: router, limits: limits, fields: fields, origins: origins, refusal: refusal, log: log)
    }

    /// Serves until asked to stop, and then for at most ``HTTPLimits/stopMilliseconds`` more: requests under way are
    /// completed, WebSockets are closed with code 1001, and routes that run on the pool are waited for.
    ///
    /// - Throws: ``HTTPServerError`` with code `identity` or `system`.
    public func run(until stop: StopSignal) throws {
        LibraryLog.send(to: libraryLog)
        let loop = HTTPLoop(listeners, content)
        mailbox.withLock { $0 = loop.mailbox }
        defer { mailbox.withLock { $0 = nil } }
        try loop.run(until: stop)
    }

    /// Reads certificates and keys again, for the connections that come from now on. When they cannot be used, that is logged,
    /// and those of before stay.
    public func reloadIdentities() {
        mailbox.withLock { $0 }?.post { $0.reloadIdentities() }
    }
}
