// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
import Files

/// What `eve-reader` reads, and how it cuts it into batches.
public struct ReaderSettings: SettingsSection {
    /// Where a file without a checkpoint is read from.
    public enum StartPosition: String, Sendable, CaseIterable {
        /// Everything that the file holds.
        case beginning
        /// Only what is written from now on; files that appear later are read whole.
        case end
    }

    /// How the names of compressed files end, which are not read.
    public static let compressedSuffixes = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".zip"]

    @Setting(
        "eve_reader.path", .path, default: "/mnt/ram_logs/eve.json", environment: "EVE_PATH",
        option: .value("--eve", valueName: "PATH"),
        """
        The file that Suricata writes, or the directory of it, whose `eve.json`, `eve.N.json` (threaded output) and \
        `eve-DATE.json` are all followed. It may appear later.
        """)
    public var path

    @Setting(
        "eve_reader.http_port", .port, default: 9101, "Port of eve-reader's metrics and health.")
    public var httpPort

    @Setting(
        "eve_reader.start_at", .choice, default: StartPosition.beginning,
        "Where a file that was never read before is begun.")
    public var startAt

    @Setting(
        "eve_reader.once", .boolean, default: false, option: .enable("--once"),
        "Ends with status 0 when everything that the files held is in Redis.")
    public var once

    @Setting(
        "eve_reader.batch_bytes", .bytes(in: 1024...(4 << 20)), default: 640 << 10,
        "A batch closes when its lines have so many bytes; a longer line is a batch alone.")
    public var batchBytes

    @Setting(
        "eve_reader.batch_events", .integer(in: 1...20_000), default: 2_000,
        "A batch closes when it has so many lines.")
    public var batchEvents

    @Setting(
        "eve_reader.batch_age_ms", .milliseconds(in: 1...60_000), default: 250,
        "A batch closes when its first line has waited so long, however small it is.")
    public var batchAgeMilliseconds

    @Setting(
        "eve_reader.batches_in_flight", .integer(in: 1...64), default: 2,
        "Batches that may be on their way to Redis before the reader waits for the first one's confirmation.")
    public var batchesInFlight

    @Setting(
        "eve_reader.line_bytes_max", .bytes(in: 1024...(8 << 20)), default: 8 << 20,
        "A longer line is a dead letter, of which the beginning is kept.")
    public var lineBytesMax

    @Setting(
        "eve_reader.poll_ms", .milliseconds(in: 10...60_000), default: 250,
        "Time between two looks at the files, for changes that the kernel does not report.")
    public var pollMilliseconds

    @Setting(
        "eve_reader.rotated_quiet_ms", .milliseconds(in: 100...3_600_000), default: 5_000,
        "How long a rotated and deleted file must not have grown before it is closed, which frees its memory.")
    public var rotatedQuietMilliseconds

    @Setting(
        "eve_reader.rotated_age_ms", .milliseconds(in: 1_000...604_800_000), default: 86_400_000,
        """
        How long a rotated file that was not deleted is followed after it has last grown. Suricata opens the new \
        file at its next write only, so an idle thread may write to the rotated one hours later.
        """)
    public var rotatedAgeMilliseconds

    @Setting(
        "eve_reader.stream_bytes_max", .bytes(in: (1 << 20)...(1 << 40)), default: 256 << 20,
        "Memory that the stream of raw batches may take in Redis; beyond it the reader stops reading.")
    public var streamBytesMax

    @Setting(
        "eve_reader.compression_level", .integer(in: 0...9), default: 1,
        "Level of zstd for raw batches; 0 leaves them uncompressed.")
    public var compressionLevel

    public init() {}

    public func complete(_ reader: ConfigurationReader) {
        if Self.compressedSuffixes.contains(where: path.hasSuffix) {
            reader.report("\($path.name): \(path) is compressed: unpack it first", at: $path.origin)
        }
    }

    /// Why the path cannot be followed as it is now; nil also when it leads to nothing, as it may appear later.
    public var obstacle: String? {
        guard let kind = try? FileFacts(path: path).kind, kind != .regular, kind != .folder else { return nil }
        return "\($path.name): \(path) is not a regular file, and not a folder"
    }

    /// The section `eve_reader`.
    public static let section = ConfigurationSection(
        "eve_reader", "Follows Suricata's EVE file and writes it to Redis in batches.", of: Self.self)
}
