import CivilTime
public import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
public import OpenSearchBulk

/// Asks the store what the next index would look like, and compares that with our templates.
///
/// A foreign template with a higher priority would silently give the fields other types, or refuse every
/// document. The store is asked before the first document, whenever the templates were looked up again, and daily.
public struct IndexPreview {
    /// The store's answer.
    public enum Finding: Equatable {
        /// The fields are as our templates have them.
        case ours
        /// They differ: how, in words.
        case foreign(String)
        /// The data stream exists already, and OpenSearch previews only what does not exist yet.
        case streamExists
        /// The answer did not say.
        case unknown(reason: String)

        /// What a person is told of it; nil when there is nothing to tell.
        public func warning(about index: String) -> String? {
            switch self {
            case .ours, .streamExists: nil
            case .foreign(let how): "warning \(index) will not be as it should be: \(how); \(IndexPreview.help)"
            case .unknown(let reason): "warning \(index) cannot be looked at before it is there: \(reason)"
            }
        }
    }

    private var action: BulkAction
    private let classes: [EventClass]
    /// Those that are not asked about yet in this round.
    private var remaining: [EventClass] = []
    private var unansweredCount = 0
    private var dueAt: Int64 = .max

    /// Nothing is due until ``want()`` is called.
    ///
    /// - Parameters:
    ///   - action: names the indexes.
    ///   - classes: those that have indexes of their own.
    public init(_ action: BulkAction, classes: [EventClass]) {
        (self.action, self.classes) = (action, classes)
        self.action.days = .min ... .max
    }

    /// Whether the first documents have to wait for the answers.
    public private(set) var isAwaited = false

    /// The remedy for a foreign template.
    public static let help =
        "look for an index template with a higher priority for this name (GET _index_template): remove it, or "
        + "compose it of the templates of ids-suite"

    private static let differencesToldMax = 3

    /// The templates have just been looked up or put: the answers are wanted before the next document.
    public mutating func want() {
        isAwaited = true
        dueAt = .min
    }

    /// The class whose next index to ask about now; when all have been, it is asked again after a day.
    public mutating func takeQuestion(at now: Int64) -> EventClass? {
        if now >= dueAt {
            remaining = classes
            dueAt = now + CivilDay.nanoseconds
        }
        guard let next = remaining.popLast() else { return nil }
        unansweredCount += 1
        return next
    }

    /// Takes note that there was an answer, or that there will be none.
    public mutating func answered() {
        unansweredCount -= 1
        if unansweredCount == 0, remaining.isEmpty, dueAt != .min { isAwaited = false }
    }

    /// The name of the index of tomorrow, or of the data stream.
    public func nextIndex(_ eventClass: EventClass) -> String {
        action.index(
            action.destination(time: WallClock.nanoseconds() + CivilDay.nanoseconds, eventClass: eventClass))
    }

    /// The request that previews the index of this name.
    public static func request(about index: String, to endpoint: OpenSearchEndpoint) -> ClientRequest {
        ClientRequest(
            .post,
            endpoint.url(
                "_index_template/_simulate_index/\(index)?filter_path=template.mappings,template.settings.index.mapping,"
                    + "overlapping.name,error.type,error.reason,status"))
    }

    /// The finding in an answer.
    public static func finding(_ result: Result<ClientResponse, HTTPError>) -> Finding {
        switch result {
        case .failure(let error): .unknown(reason: error.description)
        case .success(let response):
            response.body.withUnsafeBytes { body in
                var tree = JSONTree()
                let root = try? tree.parse(body)
                guard response.status == .ok, let root, root.kind == .object else {
                    let error = OpenSearchError(of: root, status: response.status.code)
                    let isStream = error.reason?.contains("duplicates were found [data stream [") == true
                    return isStream ? .streamExists : .unknown(reason: error.description)
                }
                return finding(in: root)
            }
        }
    }

    private static func finding(in root: JSONNode) -> Finding {
        var members = root.members
        if members.next() == nil { return .foreign("no template is for it") }
        guard let template = root["template"] else { return .unknown(reason: "the answer is not OpenSearch's") }
        let mappings = template["mappings"]
        var differences: [String] = []
        let dynamic = mappings?["dynamic"].map { $0.string ?? "\($0.bool ?? true)" } ?? "true"
        if dynamic != "false" { differences.append("dynamic is \(dynamic) instead of false") }
        if mappings?["_source"]?["enabled"]?.bool == false { differences.append("documents are not kept (_source)") }
        let malformed = template["settings"]?["index"]?["mapping"]?["ignore_malformed"]
        if malformed?.string != "true", malformed?.bool != true {
            differences.append("index.mapping.ignore_malformed is not true")
        }
        for ours in [ECSMapping.properties, EVEMapping.properties] {
            JSONWriter.bytes(of: ours).withUnsafeBytes { bytes in
                var tree = JSONTree()
                compare(try? tree.parse(bytes), with: mappings?["properties"], below: "", into: &differences)
            }
        }
        guard !differences.isEmpty else { return .ours }
        let more = differences.count - differencesToldMax
        return .foreign(
            differences.prefix(differencesToldMax).joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""))
    }

    /// Adds each of our fields that has another type there. Recursion is bounded by our own fields, which have few levels.
    private static func compare(
        _ ours: JSONNode?, with theirs: JSONNode?, below path: String, into differences: inout [String]
    ) {
        var found: [String: JSONNode] = [:]
        if let theirs { for (key, field) in theirs.members { found[key.string ?? ""] = field } }
        guard let ours else { return }
        for (key, field) in ours.members {
            let name = key.string ?? ""
            let (wanted, seen) = (type(of: field), found[name].map(type(of:)) ?? "missing")
            if wanted != seen {
                differences.append("\(path)\(name) is \(seen) instead of \(wanted)")
            } else {
                compare(
                    field["properties"], with: found[name]?["properties"], below: "\(path)\(name).",
                    into: &differences)
            }
        }
    }

    private static func type(of field: JSONNode) -> String { field["type"]?.string ?? "object" }
}
