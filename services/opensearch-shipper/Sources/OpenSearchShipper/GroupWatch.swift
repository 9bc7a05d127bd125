public import Lifecycle
public import Logging
import RedisStreams

/// Tells operators when another group than the shipper's own keeps entries in Redis: by the log once per change, and by
/// the readiness of the process.
public final class GroupWatch {
    private let own: String
    private let readiness: Readiness
    private let logger: Logger
    private var last: StreamTrimmer.Holder?

    /// - Parameters:
    ///   - own: the shipper's own group; of that the state of the sink tells more.
    ///   - readiness: gets the part `groups`.
    ///   - logger: gets a line when a group begins to keep entries, and when it no longer does.
    public init(own: String, readiness: Readiness, logger: Logger) {
        self.own = own
        self.readiness = readiness
        self.logger = logger
    }

    /// Takes note of who keeps entries; to be called in every round.
    func observe(_ holder: StreamTrimmer.Holder?) {
        let holder = holder?.group == own ? nil : holder
        guard holder != last else { return }
        last = holder
        guard let holder else {
            readiness.set("groups", ready: true)
            logger.notice("Entries leave Redis again")
            return
        }
        // A group that does not move is somebody else's trouble, which is told there; one that does not exist is not.
        readiness.set(
            "groups", ready: holder.exists, reason: holder.description, warning: holder.description)
        logger.warning("Entries stay in Redis", ["group": holder.group, "reason": holder.description])
    }
}
