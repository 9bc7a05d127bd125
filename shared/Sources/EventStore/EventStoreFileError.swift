/// Why a file must be left as it is, which no waiting can change.
public enum EventStoreFileError: Error, CustomStringConvertible {
    /// A later version of this program made it.
    case newerSchema(path: String, version: Int64)
    /// Another program made it.
    case foreign(path: String, tables: [String])

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
        }
    }
}
