/// What is said on a fresh connection before it is used: who we are, and what Redis must know. Also looks whether the
/// server is one that keeps what it is given, in one place.
struct RedisGreeting {
    let options: RedisOptions

    /// What has been found out.
    struct Answer {
        /// The hashes of the scripts, which are loaded.
        var scripts: [RedisScript: String] = [:]
        /// What is wrong with the server although it can be used; empty for nothing.
        var warning = ""
    }

    /// - Parameter exchange: sends a command and waits for its answer.
    /// - Throws: ``RedisError/Code/cluster``, ``RedisError/Code/notAllowed`` and whatever breaks a connection.
    func say(by exchange: ([RedisArgument]) throws(RedisError) -> RedisReply) throws(RedisError) -> Answer {
        let password = options.password.reveal()
        if !password.isEmpty {
            _ = try exchange(["AUTH"] + [options.username, password].compactMap { $0.map { .text($0) } })
        }
        var answer = Answer(warning: try lookAtServer(by: exchange))
        if options.database != 0 { _ = try exchange(["SELECT", .number(Int64(options.database))]) }
        // Whoever may not begin a transaction would write entries without the check that belongs to them.
        for command in ["MULTI", "EXEC"] as [RedisArgument] { _ = try exchange([command]) }
        for script in RedisScript.allCases {
            guard let hash = try exchange(["SCRIPT", "LOAD", .text(script.source)]).text else {
                throw RedisError(.protocolViolation, "SCRIPT LOAD gave no hash")
            }
            answer.scripts[script] = hash
        }
        return answer
    }

    /// - Returns: what is wrong with the server although it can be used.
    private func lookAtServer(
        by exchange: ([RedisArgument]) throws(RedisError) -> RedisReply
    ) throws(RedisError) -> String {
        let info: RedisInfo
        do throws(RedisError) {
            info = RedisInfo(try exchange(["INFO", "memory", "cluster"]))
        } catch {
            // A user who may not ask can still be connected; if not, the next command fails.
            guard error.code == .notAllowed || error.code == .other else { throw error }
            return ""
        }
        if info["cluster_enabled"] == "1" {
            throw RedisError(.cluster, "Redis Cluster is not supported: use one primary with `cluster-enabled no`")
        }
        let policy = info["maxmemory_policy"] ?? "noeviction"
        guard policy != "noeviction" else { return "" }
        return "maxmemory-policy is \(policy): Redis may remove events and positions; set it to noeviction"
    }
}
