import EventContract
import RedisStreams
import Settings

extension FollowedFiles.Options {
    init(_ settings: ReaderSettings) {
        path = settings.path
        // A single pass over a file is over exactly that file.
        includesThreads = !settings.once
        startsAtEnd = settings.startAt == .end
        lineBytesMaximum = settings.lineBytesMax
        limits = FollowLimits(
            quietNanoseconds: Int64(settings.rotatedQuietMilliseconds) * 1_000_000,
            ageNanoseconds: Int64(settings.rotatedAgeMilliseconds) * 1_000_000)
    }
}

extension BatchSource.Options {
    init(_ settings: ReaderSettings, sensor: String) {
        self.init(
            limits: BatchBuilder.Limits(bytes: settings.batchBytes, events: settings.batchEvents),
            ageNanoseconds: Int64(settings.batchAgeMilliseconds) * 1_000_000, once: settings.once,
            codec: settings.compressionLevel == 0 ? .plain : .zstd(level: settings.compressionLevel), sensor: sensor)
    }
}

extension CheckpointedWriter.Commit {
    init(_ batch: BatchSource.Batch) {
        let losses = batch.losses.map { ($0.cause.counter, Int(clamping: $0.bytes)) }
        let totals: [(counter: StageCounter, amount: Int)] =
            [(.events, batch.events), (.bytes, batch.bytes), (.rejected, batch.rejected.count)] + losses
        self.init(
            field: batch.field, previous: batch.previous, next: batch.next, payload: batch.payload,
            dead: batch.rejected.map(\.letter), totals: totals.filter { $0.amount > 0 })
    }
}

extension FollowedFiles.Loss.Cause {
    /// What counts such losses.
    fileprivate var counter: StageCounter {
        switch self {
        case .removal: .lostBytes
        case .reboot: .unreadAtRebootBytes
        }
    }
}
