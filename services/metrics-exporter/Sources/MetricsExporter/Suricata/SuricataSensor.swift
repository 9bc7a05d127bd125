/// What is known of one sensor's Suricata.
struct SuricataSensor {
    /// What its latest event says.
    private(set) var stats: SuricataStats?
    /// Its counters over all runs.
    private(set) var totals: SuricataTotals
    /// The stream entry that the latest event came in.
    private var entry: [UInt8] = []
    private var hostChanges = 0

    /// Whether two Suricatas take turns: a host that is renamed is another one once.
    var hasTwoHosts: Bool { hostChanges > 1 }

    /// - Parameter totals: what was known before; nil for nothing.
    init(totals: SuricataTotals? = nil) {
        self.totals = totals ?? SuricataTotals()
    }

    /// Takes what `ecs-transformer` keeps in Redis.
    /// - Returns: whether the totals have changed.
    mutating func take(_ latest: [UInt8]) -> Bool {
        guard let (id, line) = Self.split(latest), !id.elementsEqual(entry) else { return false }
        entry = Array(id)
        guard let fresh = SuricataStats(line) else { return false }
        if let stats, stats.host != fresh.host { hostChanges &+= 1 }
        stats = fresh
        return totals.add(fresh, of: fresh.host)
    }

    /// The parts of what `ecs-transformer` keeps in Redis: the id of the entry, a blank, and the line.
    static func split(_ latest: [UInt8]) -> (id: ArraySlice<UInt8>, line: ArraySlice<UInt8>)? {
        guard let blank = latest.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        return (latest[..<blank], latest[(blank + 1)...])
    }
}
