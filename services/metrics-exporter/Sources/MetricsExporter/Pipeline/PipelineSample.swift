/// What one look at Redis has found.
struct PipelineSample {
    /// One stream.
    struct Stream {
        /// `raw`, `ecs` or `dead`.
        var name: String
        var entries: Int64
        var memoryBytes: Int64
        var budgetBytes: Int
        var groups: [Group] = []
    }

    /// One consumer group of a stream.
    struct Group {
        var name: String
        var consumers: Int64
        /// Entries that were taken and are not acknowledged.
        var pending: Int64
        /// Entries that are not acknowledged: pending, and not taken yet.
        var waiting: Int64
        /// Events in them.
        var waitingEvents: Int64?
        /// For how long the oldest of them has been in the stream; 0 for none.
        var oldestAgeSeconds: Double = 0
        /// The time of the first event in it, in nanoseconds since the epoch; nil when it is not known.
        var oldestEventTime: Int64?
    }

    /// What a sensor's reader last reported.
    struct Sensor {
        var name: String
        /// Numbers by the names of docs/event-contract.md.
        var numbers: [String: Int64]
        /// Whether that was lately.
        var isFresh: Bool
    }

    /// When it was taken, in nanoseconds of the monotonic clock.
    var takenAt: Int64
    /// Numbers of Redis' INFO by their names.
    var redis: [String: Int64] = [:]
    var streams: [Stream] = []
    /// The totals of each stage by their names.
    var totals: [String: [String: Int64]] = [:]
    var sensors: [Sensor] = []
    /// The size of each local store, in bytes.
    var storeBytes: [(name: String, bytes: Int64)] = []
    var throttle = ThrottleLevel.free
}
