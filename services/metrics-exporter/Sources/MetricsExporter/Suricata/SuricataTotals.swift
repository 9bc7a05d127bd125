import CivilTime
import JSON

/// Suricata's counters over all its runs: Suricata begins at 0 after each start, these go on. When several Suricatas write
/// as one sensor, each is followed by itself, and these are their sums.
///
/// A state machine without input and output. What a run counted after the last event that was seen of it is not known
/// and not in here.
struct SuricataTotals: Equatable {
    /// One counter: the sum over all runs, and where the present run of each writer stands.
    struct Count: Equatable {
        var total: UInt64 = 0
        var lasts: [UInt64] = []
    }

    /// One Suricata: the event that was added last of it.
    private struct Writer: Equatable {
        /// The host that its events name; nil as long as that is not known.
        var host: String?
        /// Nanoseconds since the epoch.
        var time: Int64
        var uptimeSeconds: Int64
    }

    /// How often a Suricata was seen to have started again.
    private(set) var restarts: UInt64 = 0
    /// How many values were not added because they cannot be.
    private(set) var impossibleValues: UInt64 = 0
    private(set) var counts: [SuricataSeries: Count] = [:]
    private var writers: [Writer] = []
    private let writersMax: Int

    /// The most counters that are kept; of further ones each name has one for all labels. Suricata 8 has some 300.
    private static let countsMax = 384
    /// The most Suricatas that are followed as one sensor. Another one replaces one that has been silent.
    private static let sensorWritersMax = 8
    private static let silentNanosecondsMin = CivilDay.nanoseconds
    /// Events of one run and with the same uptime are at most so far apart.
    private static let sameUptimeNanoseconds: Int64 = 2_000_000_000

    /// Nothing yet.
    init(writersMax: Int = Self.sensorWritersMax) {
        self.writersMax = writersMax
    }

    /// How many Suricatas are followed.
    var writersCount: Int { writers.count }

    /// Adds what an event says; one that was the last already adds nothing.
    /// - Parameter writer: which of the Suricatas has written it.
    /// - Returns: whether it was a new one.
    mutating func add(_ stats: SuricataStats, of writer: String) -> Bool {
        guard let index = index(of: writer, stats) else { return false }
        impossibleValues &+= stats.impossibleValues
        for (series, value) in bounded(stats.counters) {
            var count = counts[series] ?? Count()
            while count.lasts.count <= index { count.lasts.append(0) }
            let last = count.lasts[index]
            // A counter that fell alone has begun anew alone.
            let (total, isTooMuch) = count.total.addingReportingOverflow(value >= last ? value - last : value)
            if isTooMuch {
                impossibleValues &+= 1
                continue
            }
            (count.total, count.lasts[index]) = (total, value)
            counts[series] = count
        }
        return true
    }

    /// The place of the writer of a new event, which begins a new run when Suricata has started again.
    /// - Returns: nil for the event that was added last, and when there are too many writers.
    private mutating func index(of host: String, _ stats: SuricataStats) -> Int? {
        let writer = Writer(host: host, time: stats.time, uptimeSeconds: stats.uptimeSeconds)
        if let index = writers.firstIndex(where: { $0.host == host }) ?? writers.firstIndex(where: { $0.host == nil }) {
            let known = writers[index]
            writers[index].host = host
            guard stats.time != known.time || stats.uptimeSeconds != known.uptimeSeconds else { return nil }
            writers[index] = writer
            if Self.isRestart(stats, after: known) {
                restarts &+= 1
                beginRun(of: index)
            }
            return index
        }
        if writers.count < writersMax {
            writers.append(writer)
            return writers.count - 1
        }
        guard let index = writers.indices.min(by: { writers[$0].time < writers[$1].time }) else { return nil }
        let (silence, isTooMuch) = stats.time.subtractingReportingOverflow(writers[index].time)
        guard !isTooMuch, silence >= Self.silentNanosecondsMin else { return nil }
        writers[index] = writer
        beginRun(of: index)
        return index
    }

    private mutating func beginRun(of index: Int) {
        for series in counts.keys where index < (counts[series]?.lasts.count ?? 0) { counts[series]?.lasts[index] = 0 }
    }

    /// The counters as they are kept: as long as there is room each by itself.
    private func bounded(_ counters: [SuricataSeries: UInt64]) -> [SuricataSeries: UInt64] {
        var kept: [SuricataSeries: UInt64] = [:]
        var room = Self.countsMax - counts.count
        // Sorted, so that which of them are kept does not depend on chance.
        for (series, value) in counters.sorted(by: { $0.key < $1.key }) {
            let isKnown = counts[series] != nil
            let place = isKnown || room > 0 ? series : series.others
            if !isKnown, room > 0 { room -= 1 }
            // Neither is beyond the bound, so that this cannot overflow.
            kept[place] = min(SuricataStats.countMax, (kept[place] ?? 0) + value)
        }
        return kept
    }

    private static func isRestart(_ stats: SuricataStats, after known: Writer) -> Bool {
        if stats.uptimeSeconds != known.uptimeSeconds { return stats.uptimeSeconds < known.uptimeSeconds }
        let (gap, isTooMuch) = stats.time.subtractingReportingOverflow(known.time)
        return isTooMuch || gap.magnitude >= sameUptimeNanoseconds.magnitude
    }

    // MARK: - As text

    /// The text that is kept in Redis: one JSON object, with an array for each counter: the total, and where the present
    /// run of each writer stands.
    var text: String {
        JSONWriter.objectText { json in
            json.member("restarts", restarts)
            json.member("impossible", impossibleValues)
            json.array("writers") { json in
                for writer in writers {
                    json.object { json in
                        if let host = writer.host { json.member("host", host) }
                        json.member("time", writer.time)
                        json.member("uptime", writer.uptimeSeconds)
                    }
                }
            }
            json.object("counters") { json in
                for (series, count) in counts.sorted(by: { $0.key < $1.key }) {
                    let name = ([series.name] + series.labels).joined(separator: "/")
                    json.member(name, [count.total] + count.lasts)
                }
            }
        }
    }

    /// Takes up what was kept; nil when the text is none of ours. Before there were several writers, the only one's time
    /// and uptime were members of the object itself.
    init?(text: [UInt8]) {
        var tree = JSONTree()
        let totals = text.withUnsafeBytes { bytes -> SuricataTotals? in
            guard let root = try? tree.parse(bytes), let restarts = root["restarts"]?.uint64,
                let counters = root["counters"], counters.kind == .object
            else { return nil }
            var totals = SuricataTotals()
            (totals.restarts, totals.impossibleValues) = (restarts, root["impossible"]?.uint64 ?? 0)
            let writers = root["writers"].map { Array($0.elements) } ?? [root]
            for writer in writers.prefix(totals.writersMax) {
                guard let time = writer["time"]?.int64, let uptime = writer["uptime"]?.int64 else { return nil }
                totals.writers.append(Writer(host: writer["host"]?.string, time: time, uptimeSeconds: uptime))
            }
            for member in counters.members.prefix(Self.countsMax) {
                let numbers = member.value.elements.map(\.uint64).prefix(1 + totals.writers.count).compactMap { $0 }
                guard numbers.count >= 2 else { return nil }
                var parts = (member.key.string ?? "").split(separator: "/", omittingEmptySubsequences: false)
                let series = SuricataSeries(name: String(parts.removeFirst()), labels: parts.map(String.init))
                totals.counts[series] = Count(total: numbers[0], lasts: Array(numbers.dropFirst()))
            }
            return totals
        }
        guard let totals else { return nil }
        self = totals
    }
}
