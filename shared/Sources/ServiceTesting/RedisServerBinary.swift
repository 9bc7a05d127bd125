import Glibc

/// Where this machine has a redis-server.
public struct RedisServerBinary: Sendable {
    /// The file to run.
    public var path: String
    /// The first word of its command line; the same file is server or checker by it.
    public var firstArgument: String

    /// The server that `REDIS_SERVER` names, the one on the PATH, or the one that Debian's redis-tools brings under the
    /// name of the file checker; nil when there is none.
    public static let found: RedisServerBinary? = {
        if let path = getenv("REDIS_SERVER").map({ String(cString: $0) }), !path.isEmpty {
            return RedisServerBinary(path: path, firstArgument: "redis-server")
        }
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin").split(separator: ":")
        let candidates = folders.map { "\($0)/redis-server" } + ["/usr/bin/redis-check-rdb"]
        return candidates.first { access($0, X_OK) == 0 }
            .map { RedisServerBinary(path: $0, firstArgument: "redis-server") }
    }()

    /// Why tests with a real Redis are skipped.
    public static let absence = "no redis-server: install redis-server or set REDIS_SERVER"
}
