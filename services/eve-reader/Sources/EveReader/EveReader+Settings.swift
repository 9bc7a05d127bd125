import EventContract
import Lifecycle
import Settings

extension FollowedFiles.Options {
    init(_ settings: ReaderSettings) {
        path = settings.path
        // A single pass over a file is over exactly that file.
        includesThreads = !settings.once
        startsAtEnd = settings.startAt == .end
        lineBytesMaximum = settings.lineBytesMax
        limits = FollowLimits(
            quietNanoseconds: .nanoseconds(ofMilliseconds: settings.rotatedQuietMilliseconds),
            ageNanoseconds: .nanoseconds(ofMilliseconds: settings.rotatedAgeMilliseconds))
    }
}

extension BatchSource.Options {
    init(_ settings: ReaderSettings, sensor: String) {
        self.init(
            limits: BatchBuilder.Limits(bytes: settings.batchBytes, events: settings.batchEvents),
            ageNanoseconds: .nanoseconds(ofMilliseconds: settings.batchAgeMilliseconds), once: settings.once,
            codec: settings.compressionLevel == 0 ? .plain : .zstd(level: settings.compressionLevel), sensor: sensor)
    }
}
