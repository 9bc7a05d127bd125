/// The kinds of stores that documents go to. A further one begins here: what else has to know of it either derives its
/// groups, stages and choices from this list, or is held against it by a test (docs/sinks.md, "Another sink").
public enum SinkKind: String, Sendable, CaseIterable {
    /// An OpenSearch, over HTTP.
    case opensearch
    /// A SQLite file on this machine.
    case sqlite

    /// The consumer group that the sink reads the stream of documents by, and the stage that it counts under; each sink
    /// gets every document.
    public var group: String {
        switch self {
        case .opensearch: "opensearch"
        case .sqlite: "local"
        }
    }
}
