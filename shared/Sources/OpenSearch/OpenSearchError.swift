public import JSON

/// An error that OpenSearch reports, for a whole request or for one item of a bulk request: its type, its meaning, and
/// how to remedy it.
public struct OpenSearchError: Error, Equatable, CustomStringConvertible {
    /// OpenSearch's own name for the error; nil when the answer has none, such as one of a proxy.
    public let type: String?
    /// OpenSearch's words, at most 1,024 bytes; nil when the answer has none.
    public let reason: String?
    /// The status of the answer, or of the item in it.
    public let status: Int

    /// Bounded, because errors quote the documents that they are about.
    private static let reasonBytesMax = 1_024

    /// The error of a whole request: `{"error":{"type":…,"reason":…},"status":…}`.
    /// - Parameter root: the answer; nil when it is not JSON.
    public init(of root: JSONNode?, status: Int) {
        // What stands before OpenSearch at Amazon has a message and no error.
        self.init(item: root?["error"], frontMessage: (root?["message"] ?? root?["Message"])?.printable, status: status)
    }

    /// The error of one item: `{"type":…,"reason":…}`.
    public init(item: JSONNode?, status: Int) {
        self.init(item: item, frontMessage: nil, status: status)
    }

    private init(item: JSONNode?, frontMessage: String?, status: Int) {
        type = item?["type"]?.printable
        // Some answers have text where others have an object. "failed to parse" alone helps nobody: the cause tells more.
        let words = [
            item?["reason"]?.printable ?? item?.printable ?? frontMessage, item?["caused_by"]?["reason"]?.printable,
        ]
        .compactMap { $0 }
        reason =
            words.isEmpty
            ? nil : String(decoding: words.joined(separator: ": ").utf8.prefix(Self.reasonBytesMax), as: UTF8.self)
        self.status = status
    }

    private init(type: String, reason: String) {
        self.type = type
        self.reason = reason
        status = 400
    }

    /// The message for a store that refuses every document with this error.
    public static func refusesAll(type: String, reason: String) -> String {
        let error = OpenSearchError(type: type, reason: reason)
        let remedy = error.remedy ?? "look at its settings, its mapping and the template that it was made by"
        return "OpenSearch refuses every document for this index: \(type): \(reason); \(remedy)"
    }

    /// Whether the error is about the size of one document, for which no setting is to blame.
    public static func isAboutSize(_ reason: String) -> Bool {
        reason.contains("number of nested documents has exceeded")
    }

    /// OpenSearch's own account of the error, in one line.
    public var text: String {
        let words = [type, reason].compactMap { $0 }.joined(separator: ": ")
        return words.isEmpty ? "HTTP status \(status)" : "\(words) (\(status))"
    }

    /// The error with its remedy, for an operator.
    public var description: String {
        remedy.map { "\(text); \($0)" } ?? text
    }

    /// Whether the fault lies not with the document but with the store as a whole, and time or an operator can remedy it.
    /// Rejecting would then turn every document that passes into a dead letter.
    ///
    /// An error that is not known to be the store's fault may be so all the same.
    public var isAboutTheStore: Bool {
        switch type {
        case "cluster_block_exception", "security_exception", "index_not_found_exception", "index_closed_exception":
            true
        default: status == 401 || status == 403 || knownRemedy != nil
        }
    }

    /// Whether the same request or item may work later, when the store or its load has changed.
    public var mayPass: Bool { isAboutTheStore || status == 429 || isUncertain }

    /// Whether the store may have carried out what it reports as an error.
    public var isUncertain: Bool { status >= 500 || status < 300 }

    /// Remedies for a misconfigured store that answers with status 400, by OpenSearch's words.
    private static let remedies: [(words: String, remedy: String)] = [
        // this action would add [2] total shards, but this cluster currently has [1000]/[1000] maximum shards open
        ("maximum shards open", "delete old indexes or raise cluster.max_shards_per_node"),
        (
            "pipeline with id [",
            "make that pipeline, or set index.default_pipeline and index.final_pipeline to _none in the index and in the "
                + "template that it was made by"
        ),
        (
            "no write index is defined for alias",
            "delete the alias of this name, or make one of its indices the write index (is_write_index)"
        ),
        (
            "explicit index in bulk is not allowed",
            "set rest.action.multi.allow_explicit_index to true in opensearch.yml"
        ),
    ]

    private var knownRemedy: String? {
        guard let reason else { return nil }
        return Self.remedies.first { reason.contains($0.words) }?.remedy
    }

    /// Remedies for a block, by OpenSearch's number for it.
    private static let blockRemedies: [(number: String, remedy: String)] = [
        ("/1/", "wait until the cluster has recovered its state"),
        ("/2/", "the cluster has no manager: start the nodes that are missing"),
        ("/4/", closedRemedy),
        ("/5/", "somebody has made the index read-only: set index.blocks.read_only to null in its settings"),
        ("/6/", "somebody has made the cluster read-only: set cluster.blocks.read_only to null in its settings"),
        ("/8/", "somebody has blocked writing to the index: set index.blocks.write to null in its settings"),
        ("/9/", "somebody has blocked the index's metadata: set index.blocks.metadata to null in its settings"),
        (
            "/10/",
            "no index may be made, mostly because the disk is nearly full: free space, or set cluster.blocks.create_index "
                + "to null"
        ),
        ("/13/", "free space on its disk, and set cluster.blocks.read_only_allow_delete to null"),
        (
            "/12/",
            "its disk is nearly full: free space, and set index.blocks.read_only_allow_delete to null where it does not "
                + "resume by itself"
        ),
    ]

    private static let closedRemedy = "the index is closed: open it or delete it"

    /// What helps, for an operator; nil when that is not known.
    public var remedy: String? {
        switch (type, status) {
        case ("cluster_block_exception", _):
            Self.blockRemedies.first { reason?.contains($0.number) == true }?.remedy
                ?? "OpenSearch blocks writing: look at the blocks of the cluster and the index"
        case ("index_not_found_exception", _):
            "let OpenSearch create indexes by itself (action.auto_create_index) or create this one"
        case ("index_closed_exception", _): Self.closedRemedy
        case ("strict_dynamic_mapping_exception", _):
            "the index has not the mapping of ids-suite: remove the template that it was made by, or set its dynamic to false"
        case _ where knownRemedy != nil: knownRemedy
        case (_, 401): "check opensearch.auth and the credentials that it wants"
        // Amazon's words name who asks by an ARN.
        case (_, 403) where reason?.contains("arn:aws") == true:
            "let the domain's access policy and its role mapping allow that; docs/aws.md says how"
        case (_, 403): "who asks lacks a right to these indexes or to their templates"
        case (_, 404), (_, 405), (nil, 400): "check opensearch.endpoint and its path"
        case (_, 413): "raise http.max_content_length of OpenSearch, or the limit of the proxy before it"
        case (_, 300..<400): "the server redirects: set opensearch.endpoint to where it points"
        default: nil
        }
    }
}
