/// Follows canaries by the stages' counters: how many have passed, and how long the last one took.
struct CanaryTrack {
    /// What a canary may take from its making to a store before it counts as missing.
    static let patienceNanoseconds: Int64 = 30_000_000_000
    /// The same for its making itself.
    private static let makingNanoseconds: Int64 = 60_000_000_000

    private struct Passage {
        var count: Double
        var seconds: Double
        /// When the count was last seen to rise, by the monotonic clock.
        var changedAt: Int64?
        var milliseconds: Double?
        /// The fewest that were ever between the reader and this stage: those that got lost long ago.
        var lost: Double
    }

    private var passages: [StageKind: Passage] = [:]
    private var begun: Int64?

    /// When a canary was last made, by the monotonic clock; nil when none was seen.
    var madeAt: Int64? { passages[.reader]?.changedAt }

    /// How long the last canary took until it had passed a stage, in milliseconds.
    func milliseconds(to stage: StageKind) -> Double? { passages[stage]?.milliseconds }

    /// Takes the counters as the exporter shows them, all of one moment.
    ///
    /// - Parameter now: the monotonic clock, in nanoseconds.
    mutating func take(_ exporter: Exposition, now: Int64) {
        guard let made = exporter.value("ids_canaries_total", ["stage": StageKind.reader.stage ?? ""]) else { return }
        if begun == nil { begun = now }
        for kind in StageKind.allCases {
            guard let stage = kind.stage, let count = exporter.value("ids_canaries_total", ["stage": stage]) else {
                continue
            }
            let seconds = exporter.value("ids_canary_seconds_total", ["stage": stage]) ?? 0
            var passage = passages[kind] ?? Passage(count: count, seconds: seconds, lost: made - count)
            if count > passage.count {
                passage.changedAt = now
                passage.milliseconds = max(0, ((seconds - passage.seconds) / (count - passage.count) * 1_000).rounded())
            }
            (passage.count, passage.seconds) = (count, seconds)
            passage.lost = min(passage.lost, made - count)
            passages[kind] = passage
        }
    }

    /// The first stage that a canary should have passed and has not; nil for none.
    ///
    /// - Parameters:
    ///   - intervalMilliseconds: the time between two canaries; 0 for none.
    ///   - stages: those that canaries have to pass, in the order of the flow.
    func missing(_ stages: [StageKind], intervalMilliseconds: Int, now: Int64) -> StageKind? {
        guard intervalMilliseconds > 0, let begun, let reader = passages[.reader] else { return nil }
        let interval = Int64(intervalMilliseconds) * 1_000_000
        if now - (reader.changedAt ?? begun) > interval + Self.makingNanoseconds { return .reader }
        guard let made = reader.changedAt, now - made > Self.patienceNanoseconds else { return nil }
        return stages.first { kind in
            guard kind != .reader, let passage = passages[kind] else { return false }
            return reader.count - passage.count > passage.lost && passage.changedAt ?? begun < made
        }
    }
}
