import HTTPClient
import HTTPTypes
import JSON

/// The meaning of the answer to a step of ``OpenSearchSetup``.
enum SetupAnswer {
    /// The answer to a look-up; the mark is nil when nothing has that name.
    case found(ManagedMark?, OpenSearchSetup.Revision?)
    /// The object is in the store.
    case put
    /// The store does not support such objects, and works without them.
    case unsupported(reason: String)
    /// The store fails to do something about an object that it works without.
    case faulty(SetupError, waitSeconds: Int?)
    /// The step failed; start over later.
    case failed(SetupError, waitSeconds: Int?)

    /// - Parameter objects: those of the setup, to which the step refers by number.
    init(_ result: Result<ClientResponse, HTTPError>, to step: OpenSearchSetup.Step, objects: [ManagedObject]) {
        let (index, verb) =
            switch step {
            case .lookUp(let index): (index, "looked up")
            case .put(let index, _): (index, "put")
            }
        let object = objects[index]
        let what = "the \(object.kind.text) \(object.name) cannot be \(verb)"
        switch result {
        case .failure(let error): self = .failed(SetupError(what, cause: error), waitSeconds: nil)
        case .success(let response):
            self = response.body.withUnsafeBytes { body in
                var tree = JSONTree()
                return Self(response, try? tree.parse(body), to: step, object, what: what)
            }
        }
    }

    private init(
        _ response: ClientResponse, _ root: JSONNode?, to step: OpenSearchSetup.Step, _ object: ManagedObject,
        what: String
    ) {
        let error = OpenSearchError(of: root, status: response.status.code)
        switch (step, response.status) {
        case (.lookUp, 404) where error.meansMissing:
            self = .found(nil, nil)
        case (.lookUp, 200) where root?.kind == .object:
            self = .found(Self.mark(root, of: object.kind), Self.revision(root))
        case (.put, 200) where root?["acknowledged"]?.bool == true, (.put, 200...201) where root?["_id"] != nil:
            self = .put
        case (.put, 409):
            self = .failed(SetupError("\(what): somebody else is changing it"), waitSeconds: nil)
        case (_, 200):
            self = .failed(SetupError("\(what): the answer is not OpenSearch's"), waitSeconds: nil)
        case (_, 500...599) where object.isOptional:
            self = .faulty(SetupError(what, cause: error), waitSeconds: response.retryAfterSeconds)
        // 401 is about the user and not about the policy.
        case (_, 400..<500) where object.isOptional && ![401, 429].contains(response.status):
            self = .unsupported(reason: error.text)
        default:
            self = .failed(SetupError(what, cause: error), waitSeconds: response.retryAfterSeconds)
        }
    }

    private static func mark(_ root: JSONNode?, of kind: ManagedObject.Kind) -> ManagedMark {
        let template: JSONNode?
        switch kind {
        case .lifecyclePolicy:
            return ManagedMark(description: root?["policy"]?["description"]?.string ?? "")
        case .componentTemplate:
            var elements = root?["component_templates"]?.elements
            template = elements?.next()?["component_template"]
        case .indexTemplate:
            var elements = root?["index_templates"]?.elements
            template = elements?.next()?["index_template"]
        }
        let meta = template?["_meta"]
        return ManagedMark(
            version: meta?["version"]?.int64 ?? 0, fingerprint: meta?["fingerprint"]?.string ?? "")
    }

    private static func revision(_ root: JSONNode?) -> OpenSearchSetup.Revision? {
        guard let number = root?["_seq_no"]?.int64, let term = root?["_primary_term"]?.int64 else { return nil }
        return OpenSearchSetup.Revision(sequenceNumber: number, primaryTerm: term)
    }
}

/// Why a template or the policy cannot be looked up or put.
public struct SetupError: Error, CustomStringConvertible {
    /// What cannot be done.
    public let message: String
    /// The error that says why, an `HTTPError` or ``OpenSearchError``; nil where the message says it all.
    public let cause: (any Error)?

    init(_ message: String, cause: (any Error)? = nil) {
        (self.message, self.cause) = (message, cause)
    }

    /// What cannot be done, and why.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}

extension OpenSearchError {
    /// Whether a 404 says that there is nothing of that name; an answer of a proxy or for a wrong path has none of these
    /// types. The last one comes before the first policy, with which the index of the policies is created.
    fileprivate var meansMissing: Bool {
        ["resource_not_found_exception", "index_not_found_exception", "status_exception"].contains(type)
    }
}
