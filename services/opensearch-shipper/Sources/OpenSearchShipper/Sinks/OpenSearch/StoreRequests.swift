import HTTPClient
import HTTPTypes
import Settings

/// How an OpenSearch is asked, in the loop of the sink and by `setup`.
struct StoreRequests {
    private let endpoint: String

    /// - Parameter endpoint: `opensearch.endpoint`, with or without a slash at its end.
    init(endpoint: String) {
        var endpoint = endpoint[...]
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        self.endpoint = String(endpoint)
    }

    /// How the settings say that the store is reached.
    static func clientOptions(_ settings: OpenSearchSettings, version: String) -> HTTPClient.Options {
        var options = HTTPClient.Options(userAgent: "opensearch-shipper/\(version)")
        if let username = settings.username {
            options.signer = RequestSigners.basic(username: username, password: settings.password.reveal())
        }
        options.caFile = settings.caFile
        (options.proxy, options.noProxy) = (settings.proxy?.reveal(), settings.noProxy ?? "")
        options.connectTimeoutMilliseconds = settings.connectTimeoutMilliseconds
        options.requestTimeoutMilliseconds = settings.requestTimeoutMilliseconds
        options.connectionsMax = settings.requestsInFlight
        return options
    }

    /// The URL of a path with its query.
    func url(_ path: String) -> String { "\(endpoint)/\(path)" }

    /// The request of a step.
    func request(_ step: StoreSetup.Step, of setup: StoreSetup) -> ClientRequest {
        switch step {
        case .lookUp(let index):
            return ClientRequest(.get, url(setup.objects[index].path))
        case .put(let index, let revision):
            let object = setup.objects[index]
            let query = revision.map { "?if_seq_no=\($0.sequenceNumber)&if_primary_term=\($0.primaryTerm)" }
            return ClientRequest(
                .put, url(object.path + (query ?? "")), fields: ["content-type": "application/json"],
                body: BytesBody(Array(object.json.utf8)))
        }
    }

    /// The question what the index of this name would look like.
    func preview(of index: String) -> ClientRequest { ClientRequest(.post, url(IndexPreview.path(index))) }
}
