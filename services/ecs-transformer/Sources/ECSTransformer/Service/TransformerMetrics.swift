import Metrics

/// What the transformer counts, batch by batch.
final class TransformerMetrics {
    let batches: Counter
    let rawBytes: Counter
    let documentBytes: Counter
    let rejected: [Rejection.Reason: Counter]
    let undecodableBatches: Counter
    let geoIPFailures: Counter
    let mapSeconds: Histogram
    let ageSeconds: Histogram
    let backpressureSeconds: Gauge
    let batchesInFlight: Gauge
    private let alerts: [Counter]
    private let otherAlerts: Counter
    private let events: [Counter]
    private var eventsOfBatch: [UInt64]

    init(_ registry: MetricsRegistry) {
        batches = registry.counter("batches_total", help: "Raw batches that were mapped.")
        rawBytes = registry.counter("raw_bytes_total", help: "Bytes of the lines that were mapped.")
        documentBytes = registry.counter("document_bytes_total", help: "Bytes of the documents made of them.")
        var rejected: [Rejection.Reason: Counter] = [:]
        for reason in Rejection.Reason.allCases {
            rejected[reason] = registry.counter(
                "rejected_total", help: "Lines, or parts of them, that became dead letters.",
                labels: [("reason", reason.rawValue)])
        }
        self.rejected = rejected
        undecodableBatches = registry.counter(
            "undecodable_batches_total", help: "Entries of the stream that are no batch and became dead letters.")
        geoIPFailures = registry.counter(
            "geoip_failures_total", help: "Databases of addresses that were found absent or broken.")
        mapSeconds = registry.histogram("map_seconds", help: "Time that it took to map one batch.")
        ageSeconds = registry.histogram(
            "batch_age_seconds", help: "Time from the reading of a batch's first line until its documents were made.")
        backpressureSeconds = registry.measuredTotal(
            "backpressure_seconds_total", help: "Time for which the stream of documents was full.")
        batchesInFlight = registry.gauge("batches_in_flight", help: "Batches that Redis has not confirmed yet.")
        let alertsOfSeverity = { severity in
            registry.counter("alerts_total", help: "Alerts, by severity.", labels: [("severity", severity)])
        }
        alerts = (1...3).map { alertsOfSeverity(String($0)) }
        otherAlerts = alertsOfSeverity("other")
        events = LineMapper.typeNames.map { name in
            registry.counter("events_total", help: "Events that became documents.", labels: [("event_type", name)])
        }
        eventsOfBatch = Array(repeating: 0, count: events.count)
    }

    /// Notes one event of the batch at hand.
    func noteEvent(typeIndex: Int) { eventsOfBatch[typeIndex] += 1 }

    /// Counts one alert.
    func noteAlert(severity: Int64) {
        (1...3 ~= severity ? alerts[Int(severity) - 1] : otherAlerts).add()
    }

    /// Counts what was noted.
    func countEvents() {
        for index in events.indices where eventsOfBatch[index] > 0 {
            events[index].add(eventsOfBatch[index])
            eventsOfBatch[index] = 0
        }
    }
}
