import JSON

/// Suricata's counters over all its runs: Suricata begins at 0 after each start, these go on.
///
/// A state machine without input and output. What a run counted after the last event that was seen of it is not known
/// and not in here.
struct SuricataTotals: Equatable {
    /// One counter: the sum over all runs, and where the present run stands.
    struct Count: Equatable {
        var total: UInt64
        var last: UInt64
    }

    /// How often Suricata was seen to have started again.
    private(set) var restarts: UInt64 = 0
    private(set) var counts: [SuricataSeries: Count] = [:]
    /// The event that was added last: its time, in nanoseconds since the epoch, and Suricata's uptime in seconds.
    private(set) var lastTime: Int64?
    private var lastUptimeSeconds: Int64 = 0

    /// The most counters that are kept, so that odd events cannot make more and more of them.
    private static let countsMax = 1_024
    /// Events of one run and with the same uptime are at most so far apart.
    private static let sameUptimeNanoseconds: Int64 = 2_000_000_000

    /// Nothing yet.
    init() {}

    /// Adds what an event says; one that was the last already adds nothing.
    /// - Returns: whether it was a new one.
    mutating func add(_ stats: SuricataStats) -> Bool {
        guard stats.time != lastTime || stats.uptimeSeconds != lastUptimeSeconds else { return false }
        if let lastTime, isRestart(stats, lastTime: lastTime) {
            restarts += 1
            for series in counts.keys { counts[series]?.last = 0 }
        }
        (lastTime, lastUptimeSeconds) = (stats.time, stats.uptimeSeconds)
        for (series, value) in stats.counters {
            guard var count = counts[series] else {
                if counts.count < Self.countsMax { counts[series] = Count(total: value, last: value) }
                continue
            }
            // A counter that fell alone has begun anew alone.
            count.total &+= value >= count.last ? value - count.last : value
            count.last = value
            counts[series] = count
        }
        return true
    }

    private func isRestart(_ stats: SuricataStats, lastTime: Int64) -> Bool {
        if stats.uptimeSeconds != lastUptimeSeconds { return stats.uptimeSeconds < lastUptimeSeconds }
        let (gap, isTooMuch) = stats.time.subtractingReportingOverflow(lastTime)
        return isTooMuch || gap.magnitude >= Self.sameUptimeNanoseconds.magnitude
    }

    // MARK: - As text

    /// The text that is kept in Redis: one JSON object, with an array of total and last value for each counter.
    var text: String {
        let counters = counts.map { series, count in
            let name = ([series.name] + series.labels).joined(separator: "/")
            return "\(Self.quoted(name)):[\(count.total),\(count.last)]"
        }
        return """
            {"time":\(lastTime ?? 0),"uptime":\(lastUptimeSeconds),"restarts":\(restarts),"counters":{\
            \(counters.sorted().joined(separator: ","))}}
            """
    }

    /// Takes up what was kept; nil when the text is none of ours.
    init?(text: [UInt8]) {
        var tree = JSONTree()
        let totals = text.withUnsafeBytes { bytes -> SuricataTotals? in
            guard let root = try? tree.parse(bytes), let time = root["time"]?.int64,
                let uptime = root["uptime"]?.int64, let restarts = root["restarts"]?.uint64,
                let counters = root["counters"], counters.kind == .object
            else { return nil }
            var totals = SuricataTotals()
            (totals.lastTime, totals.lastUptimeSeconds, totals.restarts) = (time, uptime, restarts)
            for member in counters.members.prefix(Self.countsMax) {
                var numbers = member.value.elements
                guard let total = numbers.next()?.uint64, let last = numbers.next()?.uint64 else { return nil }
                var parts = (member.key.string ?? "").split(separator: "/", omittingEmptySubsequences: false)
                let series = SuricataSeries(name: String(parts.removeFirst()), labels: parts.map(String.init))
                totals.counts[series] = Count(total: total, last: last)
            }
            return totals
        }
        guard let totals else { return nil }
        self = totals
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
