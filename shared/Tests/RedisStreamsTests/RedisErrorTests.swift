import Testing

@testable import RedisStreams

@Suite("Failures and what to do about them")
struct RedisErrorTests {
    @Test(
        "Each error reply has its code and reaction",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", .loading, .wait),
            ("READONLY You can't write against a read only replica.", .readOnly, .reconnect),
            ("MISCONF Redis is configured to save RDB snapshots", .misconfigured, .wait),
            ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, .wait),
            ("NOGROUP No such key 'x' or consumer group", .noGroup, .recreateGroup),
            ("UNBLOCKED the stream key no longer exists", .noGroup, .recreateGroup),
            ("WRONGTYPE Operation against a key", .wrongType, .giveUp),
            ("NOAUTH Authentication required.", .notAllowed, .reconnectSlowly),
            ("WRONGPASS invalid username-password pair", .notAllowed, .reconnectSlowly),
            ("NOPERM this user has no permissions", .notAllowed, .reconnectSlowly),
            ("ERR AUTH <password> called without any password configured", .notAllowed, .reconnectSlowly),
            ("NOSCRIPT No matching script.", .noScript, .reconnect),
            ("STALE the stored checkpoint is x", .stale, .giveUp),
            ("BUSY Redis is busy running a script.", .busy, .wait),
            ("CROSSSLOT Keys in request don't hash to the same slot", .cluster, .reconnectSlowly),
            ("MOVED 3999 127.0.0.1:6381", .cluster, .reconnectSlowly),
            ("MASTERDOWN Link with MASTER is down", .busy, .wait),
            ("ERR max number of clients reached", .connection, .reconnect),
            ("ERR something new", .other, .wait),
        ] as [(String, RedisError.Code, RedisError.Reaction)])
    func reactions(reply: String, code: RedisError.Code, reaction: RedisError.Reaction) {
        let error = RedisError(reply: reply)
        #expect(error.code == code && error.reaction == reaction)
    }
}
