/// What is known of one sensor's Suricata.
struct SuricataSensor {
    /// What its latest event says.
    private(set) var stats: SuricataStats?
    /// Its counters over all runs.
    private(set) var totals: SuricataTotals
    /// The stream entry that the latest event came in.
    private var entry: [UInt8] = []

    /// - Parameter totals: what was known before; nil for nothing.
    init(totals: SuricataTotals? = nil) {
        self.totals = totals ?? SuricataTotals()
    }

    /// Takes what `ecs-transformer` keeps in Redis: the id of the entry, a blank, and the line.
    /// - Returns: whether the totals have changed.
    mutating func take(_ latest: [UInt8]) -> Bool {
        guard let blank = latest.firstIndex(of: UInt8(ascii: " ")), !latest[..<blank].elementsEqual(entry) else {
            return false
        }
        entry = Array(latest[..<blank])
        guard let fresh = SuricataStats(latest[(blank + 1)...]) else { return false }
        stats = fresh
        return totals.add(fresh)
    }
}
