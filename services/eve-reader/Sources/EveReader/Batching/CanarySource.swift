import EventContract
import Lifecycle

/// Makes a canary when it is time: a batch with a checkpoint of its own, so that it is stored once like all others.
///
/// It goes through the same loop, the same connection and the same bounds as what Suricata writes; what is held back holds
/// the canary back, too.
struct CanarySource {
    /// The field of its checkpoint, beside those of the files.
    static let field = "canary"

    private let sensor: String
    private var encoder: RawBatchEncoder
    private var interval: Interval
    /// The checkpoint in Redis: the time of the last canary.
    private var stored: String?
    private var isUnderWay = false

    /// - Parameter intervalMilliseconds: the time between two; the first is made when it has passed.
    init(sensor: String, codec: BatchCodec, intervalMilliseconds: Int) {
        self.sensor = sensor
        encoder = RawBatchEncoder(codec: codec)
        interval = Interval(milliseconds: intervalMilliseconds)
        interval.restart()
    }

    /// Takes its checkpoint out of all that Redis holds.
    mutating func load(from checkpoints: inout [String: String]) {
        let text = checkpoints.removeValue(forKey: Self.field)
        if !isUnderWay { stored = text }
    }

    /// The next canary; nil when it is not time, or the one before has not arrived.
    ///
    /// - Parameter time: nanoseconds since the epoch.
    mutating func next(time: Int64) -> BatchSource.Batch? {
        guard !isUnderWay, interval.restartIfDue() else { return nil }
        isUnderWay = true
        let line = Array(Canary.line(time: time).utf8)
        let offset = UInt64(clamping: time)
        _ = line.withUnsafeBytes { encoder.append($0, offset: offset) }
        let payload = encoder.finish(
            sensor: sensor, sourcePath: Canary.sourcePath, identity: FileIdentity(high: 0, low: 0), readTime: time,
            endOffset: offset)
        return BatchSource.Batch(
            cursor: nil, payload: payload, events: 1, bytes: line.count, field: Self.field, previous: stored,
            next: "time=\(time)")
    }

    /// Takes note of the checkpoint that Redis holds now: its own, or another one, and then the canary is lost.
    mutating func settle(_ checkpoint: String?) {
        (stored, isUnderWay) = (checkpoint, false)
    }
}
