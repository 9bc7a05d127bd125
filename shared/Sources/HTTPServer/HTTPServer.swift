public import Lifecycle

/// A small HTTP server for other programs on the same network: metrics and health.
///
/// One thread answers all clients; what one of them does or does not do cannot hold up another. Requests are GET and
/// HEAD of exact paths; everything else gets 404 or 405.
public final class HTTPServer: Service, Sendable {
    /// Makes the answer to a GET. It runs on the server's thread and must not block.
    public typealias Route = @Sendable () -> HTTPResponse

    /// The port that is listened on.
    public var port: Int { socket.port }

    private let socket: ListeningSocket
    private let limits: HTTPLimits
    private let routes: [String: Route]
    private let log: @Sendable (String) -> Void

    /// Opens the port, so that connections queue up until `run`.
    ///
    /// - Parameters:
    ///   - bind: an address of this machine, or `0.0.0.0` or `::` for all of them.
    ///   - port: 0 takes a free one.
    ///   - limits: what clients may take.
    ///   - routes: answers by path.
    ///   - log: takes the faults that the library reports. They are those of the whole process.
    public init(
        bind: String, port: Int, limits: HTTPLimits = HTTPLimits(), routes: [String: Route],
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(HTTPServerError) {
        socket = try ListeningSocket(bind: bind, port: port)
        self.limits = limits
        self.routes = routes
        self.log = log
    }

    /// Serves until asked to stop.
    public func run(until stop: StopSignal) throws {
        LibraryLog.send(to: log)
        try HTTPLoop(socket: socket, limits: limits, routes: routes).run(until: stop)
    }
}
