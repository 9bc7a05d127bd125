/// Why a file cannot be used as a store; waiting alone does not help.
public enum EventStoreFileError: Error, CustomStringConvertible {
    /// It was made by a later version of this program.
    case newerSchema(path: String, version: Int64)
    /// It was made by another program.
    case foreign(path: String, tables: [String])
    /// Nothing was ever stored in it, or only by an older version: a writer has to open it before it can be read.
    case notPrepared(path: String)

    /// A file may hold any number of tables.
    private static let shownTablesMax = 5

    /// For people: what is wrong, and what to do.
    public var description: String {
        switch self {
        case .newerSchema(let path, let version):
            return "\(path) has schema version \(version), this program knows up to \(EventStoreSchema.version): "
                + "update it, or name another file in sqlite.path"
        case .foreign(let path, let tables):
            let shown = tables.prefix(Self.shownTablesMax).joined(separator: ", ")
            let more = tables.count > Self.shownTablesMax ? " and \(tables.count - Self.shownTablesMax) more" : ""
            let content = tables.isEmpty ? "" : " with the tables \(shown)\(more)"
            return "\(path) is the SQLite file of another program\(content); it was left as it is: "
                + "name another file in sqlite.path"
        case .notPrepared(let path):
            return "\(path) is not yet a store of schema version \(EventStoreSchema.version): start "
                + "opensearch-shipper with --sink sqlite, which makes it one"
        }
    }
}
