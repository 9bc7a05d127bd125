import APIDescription
import Configuration
import HTTPServer
import HTTPTypes
import Networks

/// What is asked of each request before anything else: where it comes from, whom it is meant for, and which page sent it.
struct RequestGuard: Sendable {
    /// Names under which this machine is reached, in lower case.
    let hosts: Set<String>
    let networks: [IPNetwork]
    /// Whose presence means that a browser adds it by itself.
    let sessionCookie: String
    /// Whether browsers come over TLS to this very server; else it may be to a proxy before it.
    let isEncrypted: Bool

    /// The statuses of its refusals, for the description of an operation.
    static let statuses: [HTTPStatus] = [.forbidden, 421, .tooManyRequests]
    /// Headers that it reads and the library does not know.
    static let headerNames = ["sec-fetch-site"]

    /// The same routes behind this guard.
    func protect(_ routes: [Route]) -> [Route] {
        routes.map { route in
            var route = route
            let admission = route.admission
            route.headerNames += Self.headerNames
            route.admission = { request in
                refusal(of: request)?.response ?? admission?(&request)
            }
            return route
        }
    }

    /// Why a request is not even looked at; nil when it is.
    func refusal(of request: ServerRequest) -> Problem? {
        let client = ClientAddress(request.peer)
        guard client.isIn(networks) else {
            return Problem(
                .forbidden, "\(client.text) is in none of the networks that are served (web.allowed_networks)")
        }
        let fields = request.head.fields
        // A foreign name that leads here would make a foreign page's requests look like this page's own (DNS rebinding).
        // An address can't be taken over in this way.
        guard let host = HostAndPort(Substring(fields["host"] ?? "")),
            IPAddress(host.host) != nil || hosts.contains(host.host.lowercased())
        else {
            return Problem(421, "this machine is not known by that name (web.allowed_hosts)")
        }
        return isOwnPage(request) ? nil : Problem(.forbidden, "pages of other origins may not do this")
    }

    /// Whether a request that changes something, or opens a WebSocket, was sent by our own page, or by no page at all.
    private func isOwnPage(_ request: ServerRequest) -> Bool {
        let fields = request.head.fields
        let opensWebSocket = fields["sec-websocket-key"] != nil
        guard opensWebSocket || ![.get, .head, .options].contains(request.method) else { return true }
        if let site = fields["sec-fetch-site"], site != "same-origin" { return false }
        if let origin = fields["origin"]?.lowercased(), let host = fields["host"]?.lowercased() {
            return origin == "https://\(host)" || !isEncrypted && origin == "http://\(host)"
        }
        // A browser tells one of the two. A program without cookies need not.
        return fields["sec-fetch-site"] != nil || Cookies(fields)[sessionCookie] == nil
    }
}

/// The cookies of a request.
struct Cookies {
    private let text: String

    init(_ fields: HTTPFields) {
        text = fields["cookie"] ?? ""
    }

    /// The value of the first one of this name.
    subscript(name: String) -> String? {
        for pair in text.split(separator: ";") {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }
}
