import JSON
import Pipeline

/// An error that OpenSearch reports, for a whole request or for one item of a bulk request.
struct ServerError {
    /// OpenSearch's own name of the error; nil when the answer has none, such as one of a proxy.
    let type: String?
    /// OpenSearch's words, at most ``reasonBytesMax`` bytes.
    let reason: String?
    let status: Int

    /// Errors quote the documents that they are about.
    private static let reasonBytesMax = 1_024

    /// The error of a whole request: `{"error":{"type":…,"reason":…},"status":…}`.
    init(of root: JSONNode?, status: Int) {
        self.init(item: root?["error"], status: status)
    }

    /// The error of one item: `{"type":…,"reason":…}`.
    init(item: JSONNode?, status: Int) {
        type = item?["type"]?.string
        // Some answers have text where others have an object. "failed to parse" alone helps nobody: the cause tells more.
        let words = [item?["reason"]?.string ?? item?.string, item?["caused_by"]?["reason"]?.string].compactMap { $0 }
        reason =
            words.isEmpty
            ? nil : String(decoding: words.joined(separator: ": ").utf8.prefix(Self.reasonBytesMax), as: UTF8.self)
        self.status = status
    }

    /// The error in one line.
    var text: String {
        let words = [type, reason].compactMap { $0 }.joined(separator: ": ")
        return words.isEmpty ? "HTTP status \(status)" : "\(words) (\(status))"
    }

    /// Whether it is not the document that is at fault but the store as a whole, in a way that waiting or a person can
    /// cure. To reject would then turn every document that passes into a dead letter.
    var isAboutTheStore: Bool {
        switch type {
        case "cluster_block_exception", "security_exception", "index_not_found_exception": true
        default: status == 401 || status == 403 || isShardLimit
        }
    }

    /// "this action would add [2] total shards, but this cluster currently has [1000]/[1000] maximum shards open", which
    /// comes as status 400.
    private var isShardLimit: Bool { reason?.contains("maximum shards open") == true }

    /// What an error at one item means for its document.
    var itemOutcome: ItemOutcome {
        let isUncertain = status >= 500 || status < 300
        if isAboutTheStore || status == 429 || isUncertain { return .retry(reason: text, isUncertain: isUncertain) }
        return .rejected(type: type ?? "status_\(status)", reason: reason ?? "no reason given (\(status))")
    }

    /// The error with what helps against it, for an operator.
    var advice: String {
        remedy.map { "\(text); \($0)" } ?? text
    }

    private var remedy: String? {
        switch (type, status) {
        case ("cluster_block_exception", _):
            "OpenSearch blocks writing, mostly because its disk is nearly full: free space, and "
                + "set index.blocks.read_only_allow_delete to null where it does not resume by itself"
        case ("index_not_found_exception", _):
            "let OpenSearch create indexes by itself (action.auto_create_index) or create this one"
        case ("index_closed_exception", _): "a backing index is closed: open it or delete it"
        case _ where isShardLimit: "delete old indexes or raise cluster.max_shards_per_node"
        case (_, 401): "check opensearch.username and opensearch.password"
        case (_, 403): "the user lacks a right to these indexes or to their templates"
        case (_, 404), (_, 405), (nil, 400): "check opensearch.endpoint and its path"
        case (_, 300..<400): "the server redirects: set opensearch.endpoint to where it points"
        default: nil
        }
    }
}
