import Files

/// A database file that may come, go and be replaced.
struct WatchedFile {
    private let path: String
    private var seen: FileFacts?
    private var reported: GeoIPError?
    /// The open database, nil while the file is absent or broken.
    private(set) var database: MaxMindFile?

    init(path: String) {
        self.path = path
    }

    /// Opens the file again when it is not the one that was seen last.
    mutating func refresh() -> GeoIP.Change? {
        let now = try? FileFacts(path: path)
        if now != nil, now == seen { return nil }
        seen = now
        database = nil
        do {
            database = try MaxMindFile(path: path)
            reported = nil
            return .opened(path: path)
        } catch {
            defer { reported = error }
            return error == reported ? nil : .failed(error)
        }
    }
}
