import HTTPClient
import HTTPTypes
import Logging

/// A service of AWS that is asked by a form and answers in XML: the Security Token Service, IAM.
struct QueryService {
    private static let timeoutMilliseconds = 10_000
    private static let messageCharactersMax = 300

    let connection: AWSConnection
    let endpoint: String
    /// What it is signed for, and how it is called in messages.
    let name: String
    let title: String
    let version: String
    let region: String
    let clock: ServerClock

    /// The result of an action.
    ///
    /// - Parameter credentials: whose signature the request has; nil for none.
    /// - Throws: ``AWSError``: `.refused` in the service's own words, `.unavailable` when it does not answer, or oddly.
    func result(
        of action: String, _ parameters: HTTPQuery, by credentials: (any CredentialProvider)?
    ) throws(AWSError) -> XMLElement {
        var query = HTTPQuery()
        query.append("Action", action)
        query.append("Version", version)
        for item in parameters { query.append(item.name, item.value) }
        let request = ClientRequest(
            .post, endpoint.hasSuffix("/") ? endpoint : endpoint + "/",
            fields: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
            body: BytesBody(Array(query.encoded.utf8)))
        let signer = credentials.map {
            AWSRequestSigner(service: name, region: region, credentials: $0, clock: clock)
        }
        let response = try connection.send(request, signer: signer, timeoutMilliseconds: Self.timeoutMilliseconds)
        clock.learn(from: response, of: endpoint)
        let root = XMLElement.parse(response.body)
        guard response.status == .ok else {
            let error = root?["Error"]
            let code = error?["Code"]?.text
            // The message about a wrong signature quotes the request, with the session's token.
            let message = code == "SignatureDoesNotMatch" ? nil : error?["Message"]?.text
            let line = message.map { String($0.prefix { $0 != "\n" }.prefix(Self.messageCharactersMax)) }
            let words = [code, line].compactMap { $0 }.joined(separator: ": ")
            let isPassing = response.status.code >= 500 || response.status == .tooManyRequests
            throw AWSError(
                isPassing ? .unavailable : .refused,
                "\(action) at \(place): status \(response.status.code)"
                    + (words.isEmpty ? "" : ", \(words)"))
        }
        guard let result = root?["\(action)Result"] else { throw unreadable }
        return result
    }

    /// For an answer without what it should have.
    var unreadable: AWSError {
        AWSError(.unavailable, "the answer of \(place) is none of \(title)")
    }

    /// The endpoint, for people.
    private var place: String { Secret.withholdingCredentials(in: endpoint) }
}
