import HTTPClient
import HTTPTypes
import JSON

/// What the answer to a step of ``StoreSetup`` says.
enum StoreAnswer {
    /// The answer to a look-up; the mark is nil when nothing has that name.
    case found(StoreMark?, StoreSetup.Revision?)
    /// The object is in the store.
    case put
    /// The store does not do such objects, and works without them.
    case unsupported(reason: String)
    /// Neither; all over again later.
    case failed(reason: String, waitSeconds: Int?)

    /// - Parameter objects: those of the setup, which the step numbers.
    init(_ result: Result<ClientResponse, HTTPError>, to step: StoreSetup.Step, objects: [StoreObject]) {
        let (index, verb) =
            switch step {
            case .lookUp(let index): (index, "looked up")
            case .put(let index, _): (index, "put")
            }
        let object = objects[index]
        let what = "the \(object.kind.text) \(object.name) cannot be \(verb)"
        switch result {
        case .failure(let error): self = .failed(reason: "\(what): \(error)", waitSeconds: nil)
        case .success(let response):
            self = response.body.withUnsafeBytes { body in
                var tree = JSONTree()
                return Self(response, try? tree.parse(body), to: step, object, what: what)
            }
        }
    }

    private init(
        _ response: ClientResponse, _ root: JSONNode?, to step: StoreSetup.Step, _ object: StoreObject, what: String
    ) {
        let error = ServerError(of: root, status: response.status.code)
        switch (step, response.status) {
        case (.lookUp, 404) where error.meansMissing:
            self = .found(nil, nil)
        case (.lookUp, 200) where root?.kind == .object:
            self = .found(Self.mark(root, of: object.kind), Self.revision(root))
        case (.put, 200) where root?["acknowledged"]?.bool == true, (.put, 200...201) where root?["_id"] != nil:
            self = .put
        case (.put, 409):
            self = .failed(reason: "\(what): somebody else is changing it", waitSeconds: nil)
        case (_, 200):
            self = .failed(reason: "\(what): the answer is not OpenSearch's", waitSeconds: nil)
        // 401 is about the user and not about the policy.
        case (_, 400...599) where object.isOptional && ![401, 429].contains(response.status):
            self = .unsupported(reason: error.text)
        default:
            self = .failed(reason: "\(what): \(error.advice)", waitSeconds: response.retryAfterSeconds)
        }
    }

    private static func mark(_ root: JSONNode?, of kind: StoreObject.Kind) -> StoreMark {
        let template: JSONNode?
        switch kind {
        case .lifecyclePolicy:
            return StoreMark(description: root?["policy"]?["description"]?.string ?? "")
        case .componentTemplate:
            var elements = root?["component_templates"]?.elements
            template = elements?.next()?["component_template"]
        case .indexTemplate:
            var elements = root?["index_templates"]?.elements
            template = elements?.next()?["index_template"]
        }
        let meta = template?["_meta"]
        return StoreMark(
            version: meta?["version"]?.int64 ?? 0, fingerprint: meta?["fingerprint"]?.string ?? "")
    }

    private static func revision(_ root: JSONNode?) -> StoreSetup.Revision? {
        guard let number = root?["_seq_no"]?.int64, let term = root?["_primary_term"]?.int64 else { return nil }
        return StoreSetup.Revision(sequenceNumber: number, primaryTerm: term)
    }
}

extension ServerError {
    /// Whether a 404 says that there is nothing of that name; a proxy or a path that leads nowhere has none of these
    /// words. The last is what the first policy finds: the index of the policies is made with it.
    fileprivate var meansMissing: Bool {
        ["resource_not_found_exception", "index_not_found_exception", "status_exception"].contains(type)
    }
}
