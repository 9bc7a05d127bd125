import CMaxMindDB

/// Why a database cannot be used.
public struct GeoIPError: Error, CustomStringConvertible, Equatable {
    /// The file, the reason, and what to do.
    public let description: String

    init(path: String, status: Int32) {
        let reason = String(cString: MMDB_strerror(status))
        description = "\(path): \(reason) Look-ups go on without it; put a database in MaxMind's format there."
    }
}
