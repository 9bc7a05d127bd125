public import Configuration
import Files

/// What `eve-reader` reads, and how it cuts it into batches.
public struct ReaderSettings: Sendable {
    /// Where a file without a checkpoint is read from.
    public enum StartPosition: String, Sendable, CaseIterable {
        /// Everything that the file holds.
        case beginning
        /// Only what is written from now on; files that appear later are read whole.
        case end
    }

    /// How the names of compressed files end, which are not read.
    public static let compressedSuffixes = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".zip"]

    /// The file, or the directory whose `eve.json` and `eve.*.json` are followed.
    public var path = Keys.path.fallback
    /// Where a file without a checkpoint is read from.
    public var startAt = Keys.startAt.fallback
    /// Whether to end when everything that was there is in Redis.
    public var once = Keys.once.fallback
    /// A batch closes when it holds so many bytes of lines.
    public var batchBytes = Keys.batchBytes.fallback
    /// A batch closes when it holds so many lines.
    public var batchEvents = Keys.batchEvents.fallback
    /// A batch closes when its first line has waited so long.
    public var batchAgeMilliseconds = Keys.batchAgeMilliseconds.fallback
    /// Batches that are written to Redis and not yet confirmed.
    public var batchesInFlight = Keys.batchesInFlight.fallback
    /// Longer lines become dead letters.
    public var lineBytesMax = Keys.lineBytesMax.fallback
    /// Time between two looks at the files when the kernel reports no change.
    public var pollMilliseconds = Keys.pollMilliseconds.fallback
    /// How long a rotated file must not have grown before it may be let go.
    public var rotatedQuietMilliseconds = Keys.rotatedQuietMilliseconds.fallback
    /// How long a rotated file that still has a name is followed after it has last grown.
    public var rotatedAgeMilliseconds = Keys.rotatedAgeMilliseconds.fallback
    /// Memory that the stream of raw batches may take in Redis before the reader waits.
    public var streamBytesMax = Keys.streamBytesMax.fallback
    /// Level of zstd; 0 leaves batches uncompressed.
    public var compressionLevel = Keys.compressionLevel.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `eve_reader`.
    public init(from reader: ConfigurationReader) {
        let path = reader.setting(of: Keys.path)
        self.path = path.value
        if Self.compressedSuffixes.contains(where: path.value.hasSuffix) {
            reader.report("\(Keys.path.name): \(path.value) is compressed: unpack it first", at: path.origin)
        }
        startAt = reader.value(of: Keys.startAt)
        once = reader.value(of: Keys.once)
        batchBytes = reader.value(of: Keys.batchBytes)
        batchEvents = reader.value(of: Keys.batchEvents)
        batchAgeMilliseconds = reader.value(of: Keys.batchAgeMilliseconds)
        batchesInFlight = reader.value(of: Keys.batchesInFlight)
        lineBytesMax = reader.value(of: Keys.lineBytesMax)
        pollMilliseconds = reader.value(of: Keys.pollMilliseconds)
        rotatedQuietMilliseconds = reader.value(of: Keys.rotatedQuietMilliseconds)
        rotatedAgeMilliseconds = reader.value(of: Keys.rotatedAgeMilliseconds)
        streamBytesMax = reader.value(of: Keys.streamBytesMax)
        compressionLevel = reader.value(of: Keys.compressionLevel)
    }

    /// Why the path cannot be followed as it is now; nil also when it leads to nothing, as it may appear later.
    public var obstacle: String? {
        guard let kind = try? FileFacts(path: path).kind, kind != .regular, kind != .folder else { return nil }
        return "\(Keys.path.name): \(path) is not a regular file, and not a folder"
    }

    /// The keys of the section `eve_reader`.
    public enum Keys {
        /// `eve_reader.path`
        public static let path = ConfigurationKey(
            "eve_reader.path", .path, default: "/mnt/ram_logs/eve.json", environment: "EVE_PATH",
            option: .value("--eve", valueName: "PATH"),
            """
            The file that Suricata writes, or the directory of it, whose `eve.json`, `eve.N.json` (threaded output) and \
            `eve-DATE.json` are all followed. It may appear later.
            """)
        /// `eve_reader.http_port`
        public static let httpPort = ConfigurationKey(
            "eve_reader.http_port", .port, default: 9101, "Port of eve-reader's metrics and health.")
        /// `eve_reader.start_at`
        public static let startAt = ConfigurationKey(
            "eve_reader.start_at", .choice, default: StartPosition.beginning,
            "Where a file that was never read before is begun.")
        /// `eve_reader.once`
        public static let once = ConfigurationKey(
            "eve_reader.once", .boolean, default: false, option: .enable("--once"),
            "Ends with status 0 when everything that the files held is in Redis.")
        /// `eve_reader.batch_bytes`
        public static let batchBytes = ConfigurationKey(
            "eve_reader.batch_bytes", .bytes(in: 1024...(4 << 20)), default: 640 << 10,
            "A batch closes when its lines have so many bytes; a longer line is a batch alone.")
        /// `eve_reader.batch_events`
        public static let batchEvents = ConfigurationKey(
            "eve_reader.batch_events", .integer(in: 1...20_000), default: 2_000,
            "A batch closes when it has so many lines.")
        /// `eve_reader.batch_age_ms`
        public static let batchAgeMilliseconds = ConfigurationKey(
            "eve_reader.batch_age_ms", .milliseconds(in: 1...60_000), default: 250,
            "A batch closes when its first line has waited so long, however small it is.")
        /// `eve_reader.batches_in_flight`
        public static let batchesInFlight = ConfigurationKey(
            "eve_reader.batches_in_flight", .integer(in: 1...64), default: 2,
            "Batches that may be on their way to Redis before the reader waits for the first one's confirmation.")
        /// `eve_reader.line_bytes_max`
        public static let lineBytesMax = ConfigurationKey(
            "eve_reader.line_bytes_max", .bytes(in: 1024...(8 << 20)), default: 8 << 20,
            "A longer line is a dead letter, of which the beginning is kept.")
        /// `eve_reader.poll_ms`
        public static let pollMilliseconds = ConfigurationKey(
            "eve_reader.poll_ms", .milliseconds(in: 10...60_000), default: 250,
            "Time between two looks at the files, for changes that the kernel does not report.")
        /// `eve_reader.rotated_quiet_ms`
        public static let rotatedQuietMilliseconds = ConfigurationKey(
            "eve_reader.rotated_quiet_ms", .milliseconds(in: 100...3_600_000), default: 5_000,
            "How long a rotated and deleted file must not have grown before it is closed, which frees its memory.")
        /// `eve_reader.rotated_age_ms`
        public static let rotatedAgeMilliseconds = ConfigurationKey(
            "eve_reader.rotated_age_ms", .milliseconds(in: 1_000...604_800_000), default: 86_400_000,
            """
            How long a rotated file that was not deleted is followed after it has last grown. Suricata opens the new \
            file at its next write only, so an idle thread may write to the rotated one hours later.
            """)
        /// `eve_reader.stream_bytes_max`
        public static let streamBytesMax = ConfigurationKey(
            "eve_reader.stream_bytes_max", .bytes(in: (1 << 20)...(1 << 40)), default: 256 << 20,
            "Memory that the stream of raw batches may take in Redis; beyond it the reader stops reading.")
        /// `eve_reader.compression_level`
        public static let compressionLevel = ConfigurationKey(
            "eve_reader.compression_level", .integer(in: 0...9), default: 1,
            "Level of zstd for raw batches; 0 leaves them uncompressed.")
    }

    /// The section `eve_reader`.
    public static let section = ConfigurationSection(
        "eve_reader", "Follows Suricata's EVE file and writes it to Redis in batches.",
        keys: [
            Keys.path.definition, Keys.httpPort.definition, Keys.startAt.definition, Keys.once.definition,
            Keys.batchBytes.definition, Keys.batchEvents.definition, Keys.batchAgeMilliseconds.definition,
            Keys.batchesInFlight.definition, Keys.lineBytesMax.definition, Keys.pollMilliseconds.definition,
            Keys.rotatedQuietMilliseconds.definition, Keys.rotatedAgeMilliseconds.definition,
            Keys.streamBytesMax.definition, Keys.compressionLevel.definition,
        ])
}
