import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import Logging
import Settings
import Synchronization

/// Which service has which address, and which router leads to which service: as Traefik's API says, and as its log shows.
final class TraefikNames: Sendable {
    private static let waitMilliseconds = 30_000
    private static let timeoutMilliseconds = 5_000
    private static let answerBytesMax = 1 << 20
    /// Names of one network.
    private static let namesMax = 4_096
    /// Without it Traefik gives the first hundred.
    private static let wholeList = "?per_page=\(namesMax)"

    private struct Book: Sendable {
        /// Names by address.
        var services: [String: String] = [:]
        /// The same as the log shows them, for who has no API.
        var seen: [String: String] = [:]
        /// Services by router.
        var routers: [String: String] = [:]
    }

    private let proxies: [MapSettings.Proxy]
    private let logger: Logger
    private let books = Mutex<[String: Book]>([:])

    init(_ settings: MapSettings, logger: Logger) {
        (proxies, self.logger) = (settings.traefik ?? [], logger)
    }

    /// Asks the APIs now and then, until asked to stop.
    func run(until stop: StopSignal) {
        let asked = proxies.filter { $0.apiURL != nil }
        var faults: [String: String] = [:]
        while !asked.isEmpty, !stop.isStopped {
            for proxy in asked {
                var fault: String?
                do { try refresh(proxy) } catch { fault = "\(error)" }
                if let fault, fault != faults[proxy.network] {
                    logger.warning("Traefik cannot be asked for names", ["network": proxy.network, "reason": fault])
                }
                faults[proxy.network] = fault
            }
            stop.wait(milliseconds: Self.waitMilliseconds)
        }
    }

    /// The request of a line, with the name of who asked where that is a service; nil for other lines.
    func request(_ line: JSONNode, of proxy: MapSettings.Proxy) -> ProxyRequest? {
        books.withLock { books in
            var book = books[proxy.network] ?? Book()
            guard var request = ProxyRequest(line, of: proxy, services: { book.routers[$0] }) else { return nil }
            if let address = request.serviceAddress, book.seen[address] != request.service,
                book.seen.count < Self.namesMax
            {
                book.seen[address] = request.service
                books[proxy.network] = book
            }
            request.clientService = request.client.flatMap { book.services[$0] ?? book.seen[$0] }
            return request
        }
    }

    /// The services of a network that are known, by name.
    func services(of network: String) -> [String] {
        books.withLock { books in
            guard let book = books[network] else { return [] }
            return Array(Set(book.services.values).union(book.seen.values))
        }
    }

    private func refresh(_ proxy: MapSettings.Proxy) throws {
        guard var url = proxy.apiURL else { return }
        while url.hasSuffix("/") { url.removeLast() }
        var options = HTTPClient.Options(userAgent: "control-plane")
        options.connectTimeoutMilliseconds = Self.timeoutMilliseconds
        options.requestTimeoutMilliseconds = Self.timeoutMilliseconds
        options.responseBytesMax = Self.answerBytesMax
        let client = try HTTPClient(options)
        var (services, routers): ([String: String], [String: String]) = ([:], [:])
        try ask(client, url + "/api/http/services" + Self.wholeList) { service in
            guard let name = service["name"]?.shortText.map(ProxyRequest.plain) else { return }
            for server in service["loadBalancer"]?["servers"]?.elements ?? service.elements {
                guard services.count < Self.namesMax, let text = server["url"]?.string,
                    let start = text.firstRange(of: "://")?.upperBound
                else { continue }
                services[ProxyRequest.host(String(text[start...].prefix { $0 != "/" }))] = name
            }
        }
        try ask(client, url + "/api/http/routers" + Self.wholeList) { router in
            guard routers.count < Self.namesMax, let name = router["name"]?.shortText,
                let service = router["service"]?.shortText
            else { return }
            routers[name] = service
        }
        books.withLock { books in
            books[proxy.network, default: Book()].services = services
            books[proxy.network, default: Book()].routers = routers
        }
    }

    private func ask(_ client: HTTPClient, _ url: String, _ body: (JSONNode) -> Void) throws {
        let response = try client.answer(to: ClientRequest(.get, url))
        guard response.status == .ok else { throw Refused(url: url, status: response.status) }
        var tree = JSONTree()
        try response.body.withUnsafeBytes { bytes in
            for element in try tree.parse(bytes).elements { body(element) }
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        let url: String
        let status: HTTPStatus
        var description: String { "\(url) answered with status \(status.code)" }
    }
}
