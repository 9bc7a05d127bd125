import Metrics

/// What a link counts.
struct RedisLinkMetrics {
    let connects: Counter
    let up: Gauge
    let entriesClaimed: Counter
    let entriesLost: Counter
    let entriesGivenUp: Counter
    private let faults: [RedisError.Code: Counter]

    init(_ registry: MetricsRegistry) {
        connects = registry.counter("redis_connects_total", help: "Connections made to Redis.")
        up = registry.gauge("redis_up", help: "1 while Redis can be used, else 0.")
        entriesClaimed = registry.counter(
            "redis_entries_claimed_total", help: "Stream entries taken over from consumers that gave no sign of life.")
        entriesLost = registry.counter(
            "redis_entries_lost_total",
            help: "Stream entries that another consumer or a trim had taken away before they were committed.")
        entriesGivenUp = registry.counter(
            "redis_entries_given_up_total",
            help: "Stream entries that became dead letters because nobody got through with them.")
        faults = Dictionary(
            uniqueKeysWithValues: RedisError.Code.allCases.map { code in
                (
                    code,
                    registry.counter(
                        "redis_faults_total", help: "Failures of Redis, by kind.", labels: [("code", code.rawValue)])
                )
            })
    }

    func faults(_ code: RedisError.Code) -> Counter {
        // Every code is in the table.
        faults[code] ?? connects
    }
}
