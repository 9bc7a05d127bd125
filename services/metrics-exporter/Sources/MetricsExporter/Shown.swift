import Lifecycle
import Metrics
import Synchronization

/// What was found last: written by the loop, read by the thread that answers requests.
final class Shown: Sendable {
    struct State {
        var isRedisUp = false
        var sample: PipelineSample?
        var suricata: [(name: String, state: SuricataSensor)] = []
        var openSearch: OpenSearchFacts?
    }

    let state = Mutex(State())
}

extension Shown.State {
    /// All of it as metrics.
    var families: [MeasuredFamily] {
        var up = MeasuredFamily.gauge("ids_redis_up", help: "1 when the last look at Redis has succeeded, else 0.")
        up.add(isRedisUp ? 1 : 0)
        var age = MeasuredFamily.gauge(
            "ids_sample_age_seconds", help: "Time since the look at Redis that all values of the pipeline are from.")
        age.add(sample.map { Double(max(0, MonotonicClock.nanoseconds() - $0.takenAt)) / 1e9 })
        return [up, age] + (sample.map(PipelineFamilies.families) ?? []) + SuricataFamilies.families(suricata)
            + (openSearch?.families ?? [])
    }
}
