public import Lifecycle

/// Says when a stream has grown to the memory that it may take in Redis, or Redis itself to the share of `maxmemory`
/// that new data may use.
public final class StreamBudget {
    private let link: RedisLink
    private let stream: String
    private let bytesMax: Int
    private let memoryMaxPercent: Int?
    private var interval: Interval

    /// What the stream takes, in bytes, as of the last look; Redis estimates it from a sample of the entries.
    public private(set) var bytes = 0
    /// Whether the bound is reached, as of the last look.
    public private(set) var isExceeded = false

    /// - Parameters:
    ///   - link: the way to Redis.
    ///   - stream: the key of the stream.
    ///   - bytesMax: the most bytes that the stream may take.
    ///   - memoryMaxPercent: the share of `maxmemory` that stops new data; nil looks only at the stream.
    ///   - intervalMilliseconds: the shortest time between two looks.
    ///   - clock: measures it.
    public init(
        link: RedisLink, stream: String, bytesMax: Int, memoryMaxPercent: Int? = nil, intervalMilliseconds: Int = 100,
        clock: MonotonicClock = .machine
    ) {
        self.link = link
        self.stream = stream
        self.bytesMax = bytesMax
        self.memoryMaxPercent = memoryMaxPercent
        interval = Interval(milliseconds: intervalMilliseconds, clock: clock)
    }

    /// Looks, if the last look is long enough ago. While Redis cannot be used the last answer stands.
    /// - Throws: errors that retrying cannot fix, of which these commands have none.
    public func check() throws(RedisError) -> Bool {
        guard interval.isDue else { return isExceeded }
        guard let usage = try link.call(["MEMORY", "USAGE", .text(stream), "SAMPLES", "64"]) else { return isExceeded }
        var isFull = false
        if let memoryMaxPercent {
            guard let info = try link.call(["INFO", "memory"]).map(RedisInfo.init(_:)) else { return isExceeded }
            let used = info.number("used_memory") ?? 0
            let maximum = info.number("maxmemory") ?? 0
            isFull = maximum > 0 && used / 100 >= maximum / 10_000 * Int64(memoryMaxPercent)
        }
        interval.restart()
        bytes = Int(clamping: max(0, usage.integer ?? 0))
        isExceeded = bytes >= bytesMax || isFull
        return isExceeded
    }
}
