import HTTPClient
import HTTPTypes
import JSON
import OpenSearch
import Settings

/// Asks the domain's OpenSearch one thing after the other, while somebody waits.
struct StoreClient {
    private let client: HTTPClient
    private let endpoint: OpenSearchEndpoint
    private let beforeRequest: () throws -> Void

    /// - Parameter beforeRequest: called before each request; what it throws is thrown instead of the request.
    /// - Throws: `HTTPError`: what is wrong with the options.
    init(
        _ store: OpenSearchSettings, options: HTTPClient.Options, beforeRequest: @escaping () throws -> Void = {}
    ) throws(HTTPError) {
        self.beforeRequest = beforeRequest
        client = try HTTPClient(options)
        endpoint = OpenSearchEndpoint(store.endpoint)
    }

    /// Sends a request and reads the answer.
    ///
    /// - Parameters:
    ///   - what: what is to be done, as the beginning of "… cannot be done".
    ///   - isMissingAllowed: whether status 404 is an answer like others.
    ///   - read: takes what is wanted from the answer; nil when it is not there. The node is valid only inside.
    /// - Throws: `HTTPError` when there is no answer; ``StoreRefusal`` for one that does not say what is wanted.
    func call<Value>(
        _ what: String, _ method: HTTPMethod, _ path: String, _ body: [UInt8]? = nil,
        contentType: String = "application/json", isMissingAllowed: Bool = false, read: (JSONNode) -> Value?
    ) throws -> Value {
        let request = ClientRequest(
            method, endpoint.url(path), fields: body == nil ? [:] : ["content-type": contentType],
            body: body.map { BytesBody($0) })
        try beforeRequest()
        let response = try client.answer(to: request)
        return try response.body.withUnsafeBytes { bytes in
            var tree = JSONTree()
            let root = try? tree.parse(bytes)
            let isGood = 200..<300 ~= response.status.code || (isMissingAllowed && response.status == .notFound)
            guard isGood, let root, let value = read(root) else {
                throw StoreRefusal(what, status: response.status.code, answer: root)
            }
            return value
        }
    }
}

/// Why OpenSearch, or Amazon before it, does not do what it was asked for.
struct StoreRefusal: Error, CustomStringConvertible {
    /// What was to be done.
    let what: String
    /// Why it was not; it has a type when OpenSearch itself has refused.
    let error: OpenSearchError

    /// - Parameters:
    ///   - answer: the answer; nil when it is not JSON.
    ///   - item: the item of a bulk request that was refused, if it is about one.
    init(_ what: String, status: Int, answer: JSONNode?, item: JSONNode? = nil) {
        self.what = what
        error =
            item.map { OpenSearchError(item: $0["error"], status: status) }
            ?? OpenSearchError(of: answer, status: status)
    }

    /// What was to be done, and why it was not.
    var description: String { "\(what): \(error.text)" }

    /// What helps; nil when that is not known.
    var remedy: String? {
        switch (error.type, error.status) {
        case (nil, 401), (nil, 403):
            "the domain's access policy, or a policy in IAM, does not let this principal in: let it allow es:ESHttp*, or "
                + "use the profile that the domain was made with"
        case (.some, 401), (.some, 403):
            "map this principal to a role inside OpenSearch, as docs/aws.md says, or use the profile that the domain "
                + "was made with"
        case (nil, 404), (nil, 405): "something other than OpenSearch answers: correct the endpoint"
        case (_, 429), (_, 500...599): "the domain is busy or not ready: try again in some minutes"
        default: error.remedy
        }
    }

    /// Whether the same may work in some minutes: a new domain lets nobody in before its access policy is in effect.
    var mayPass: Bool { [401, 403, 404, 429].contains(error.status) || error.status >= 500 }
}
