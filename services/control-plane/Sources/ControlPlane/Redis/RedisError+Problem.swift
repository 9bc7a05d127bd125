import APIDescription
import RedisStreams

extension RedisError {
    /// What a person is told who asked for something that Redis has.
    var problem: Problem {
        let sentence =
            switch code {
            case .connection, .timeout, .stopped: "Redis does not answer"
            case .loading, .busy: "Redis is busy: it loads its data, or runs something long"
            case .outOfMemory: "Redis has no room left; it has some again when a store has taken what waits"
            case .misconfigured: "Redis cannot write to its disk"
            case .notAllowed, .tls: "Redis does not let control-plane do this; see redis.username and its access list"
            case .readOnly: "this Redis is a replica"
            case .cluster: "Redis Cluster is not supported"
            case .wrongType: "another program uses the names of the pipeline in Redis; see redis.prefix"
            case .noGroup, .noScript, .stale, .protocolViolation, .other: "Redis refuses it"
            }
        return Problem(.serviceUnavailable, "\(sentence). Everything else goes on; trying again may help.")
    }
}
