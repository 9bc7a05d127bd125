import EventContract
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
