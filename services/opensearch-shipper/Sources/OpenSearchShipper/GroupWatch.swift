public import Lifecycle
public import Logging
import RedisStreams

/// Reports to operators when a group other than the shipper's own keeps entries in Redis: in the log once per change,
/// and by the readiness of the process.
public final class GroupWatch {
    private let own: String
    private let readiness: Readiness
    private let logger: Logger
    private var last: StreamTrimmer.Holder?

    /// - Parameters:
    ///   - own: the shipper's own group; the state of the sink says more about that one.
    ///   - readiness: gets the part `groups`.
    ///   - logger: gets a line when a group begins to keep entries, and when it no longer does.
    public init(own: String, readiness: Readiness, logger: Logger) {
        self.own = own
        self.readiness = readiness
        self.logger = logger
    }

    /// Records which group keeps entries; to be called in every round.
    func observe(_ holder: StreamTrimmer.Holder?) {
        let holder = holder?.group == own ? nil : holder
        guard holder != last else { return }
        last = holder
        guard let holder else {
            readiness.set("groups", ready: true)
            logger.notice("Entries leave Redis again")
            return
        }
        // The reader of a group that does not move reports that itself; a group that does not exist has nobody to report it.
        readiness.set(
            "groups", ready: holder.exists, reason: holder.description, warning: holder.description)
        logger.warning("Entries stay in Redis", ["group": holder.group, "reason": holder.description])
    }
}
