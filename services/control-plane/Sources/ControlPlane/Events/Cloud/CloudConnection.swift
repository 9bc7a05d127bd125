import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import OpenSearch
import Settings

/// Why OpenSearch has not answered a question, for people: without what concerns only who runs it.
struct CloudError: Error, CustomStringConvertible {
    let description: String
    /// What the log says of it.
    let detail: String

    init(_ description: String, detail: String? = nil) {
        (self.description, self.detail) = (description, detail ?? description)
    }
}

/// The way to the OpenSearch that the shipper fills; one question at a time.
///
/// Its user needs `indices:data/read/search` on the suite's indexes, and nothing else.
final class CloudConnection {
    /// How long OpenSearch may search, and how long a question may take with its way there and back: a person waits.
    static let searchSeconds = 8
    private static let questionMilliseconds = 10_000
    /// The longest answer; 200 events have about 400 KB.
    private static let answerBytesMax = 4 << 20

    private struct Target {
        let client: HTTPClient
        let url: String
    }

    private let settings: OpenSearchSettings
    private let userAgent: String
    private var watch: EndpointWatch?
    /// nil before the first question, and while the endpoint file does not say where OpenSearch is.
    private var target: Target?

    init(_ settings: OpenSearchSettings, userAgent: String) {
        (self.settings, self.userAgent) = (settings, userAgent)
        watch = settings.endpointFile.map { EndpointWatch($0, for: settings) }
    }

    /// What OpenSearch says to a search; all of its shards have answered, and in time.
    func answer(to search: [UInt8]) throws(CloudError) -> [UInt8] {
        let target = try located()
        let response: ClientResponse
        do throws(HTTPError) {
            response = try target.client.answer(
                to: ClientRequest(
                    .post, target.url, fields: ["content-type": "application/json"], body: BytesBody(search)))
        } catch {
            throw CloudError(Self.meaning(of: error.code), detail: "\(error)")
        }
        var tree = JSONTree()
        let fault = response.body.withUnsafeBytes { Self.fault(in: try? tree.parse($0), status: response.status) }
        if let fault { throw fault }
        return response.body
    }

    private func located() throws(CloudError) -> Target {
        switch watch?.look() {
        case nil: break
        case .moved(let settings): target = try Self.target(settings, userAgent)
        case .trouble(let error):
            if error.code == .missing { target = nil }
        }
        if target == nil, watch == nil { target = try Self.target(settings, userAgent) }
        guard let target else {
            throw CloudError(
                "There is no OpenSearch yet: what is to say where it is (opensearch.endpoint_file) is missing.")
        }
        return target
    }

    private static func target(_ settings: OpenSearchSettings, _ userAgent: String) throws(CloudError) -> Target {
        do throws(HTTPError) {
            var options = try HTTPClient.Options(settings, userAgent: userAgent)
            options.connectTimeoutMilliseconds = min(settings.connectTimeoutMilliseconds, questionMilliseconds)
            options.requestTimeoutMilliseconds = questionMilliseconds
            options.responseBytesMax = answerBytesMax
            options.connectionsMax = 1
            let prefix = settings.indexPrefix
            let path = "\(prefix),\(prefix)-*/_search?ignore_unavailable=true&allow_no_indices=true"
            return Target(
                client: try HTTPClient(options), url: OpenSearchEndpoint(settings.endpoint).url(path))
        } catch {
            throw CloudError(
                "This machine's settings for OpenSearch are of no use; its log says why.", detail: "\(error)")
        }
    }

    private static func meaning(of code: HTTPError.Code) -> String {
        switch code {
        case .unreachable:
            "OpenSearch cannot be reached: it is down, or this machine is offline. Events of this machine are there."
        case .timeout: "OpenSearch has not answered in time; a shorter time makes it quicker."
        case .tls: "OpenSearch does not show a certificate that this machine trusts (opensearch.ca_file)."
        case .unsigned: "This machine has no credentials for OpenSearch at AWS; its log says why."
        case .badAnswer: "OpenSearch's answer is too long, or none of its own; ask for fewer events."
        case .cut, .badRequest, .other: "The connection to OpenSearch has failed; its log says why."
        }
    }

    /// What keeps an answer from being a whole one; nil when nothing does.
    private static func fault(in root: JSONNode?, status: HTTPStatus) -> CloudError? {
        guard status == .ok else {
            let error = OpenSearchError(of: root, status: status.code)
            switch status.code {
            case 401, 403:
                return CloudError(
                    "OpenSearch refuses this machine (\(status.code)): its user needs the right to search the suite's indexes.",
                    detail: error.description)
            case 400: return CloudError("OpenSearch cannot answer this search: \(error.text).")
            case 429:
                return CloudError("OpenSearch has too much to do; try again in a moment.", detail: error.description)
            default: return CloudError("OpenSearch cannot search now (\(status.code)).", detail: error.description)
            }
        }
        guard let root, root["hits"] != nil else { return CloudError("What answers is no OpenSearch.") }
        if root["timed_out"]?.bool ?? false {
            return CloudError(
                "OpenSearch has not found all within \(searchSeconds) s; a shorter time makes it quicker.")
        }
        if let failed = root["_shards"]?["failed"]?.int64, failed > 0 {
            let reason = root["_shards"]?["failures"]?.elements.first { _ in true }?["reason"]
            return CloudError(
                "OpenSearch could search only a part of its indexes; try again in a moment.",
                detail: OpenSearchError(item: reason, status: status.code).text)
        }
        return nil
    }
}
