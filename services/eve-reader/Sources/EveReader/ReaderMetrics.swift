import Files
import Metrics

/// What the reader counts.
struct ReaderMetrics: Sendable {
    let events: Counter
    let bytes: Counter
    let batches: Counter
    let rejected: [BatchBuilder.Rejection: Counter]
    let truncations: Counter
    let rotations: Counter
    let lost: [FollowedFiles.Loss.Cause: Counter]
    let skippedZeroBytes: Counter
    let backpressureSeconds: Gauge
    let rewinds: Counter
    let nameConflicts: Counter
    let unreadBytes: Gauge
    let filesOpen: Gauge
    let batchesInFlight: Gauge
    let lastReadTimestampSeconds: Gauge
    private let ramDiskSizeBytes: Gauge
    private let ramDiskUsedBytes: Gauge
    private let ramDiskInodes: Gauge
    private let ramDiskInodesUsed: Gauge

    init(_ registry: MetricsRegistry) {
        events = registry.counter("events_total", help: "Lines that are in Redis.")
        bytes = registry.counter("bytes_total", help: "Bytes of these lines, without their ends.")
        batches = registry.counter("batches_total", help: "Batches that are in Redis.")
        var rejected: [BatchBuilder.Rejection: Counter] = [:]
        for reason in BatchBuilder.Rejection.allCases {
            rejected[reason] = registry.counter(
                "rejected_total", help: "Lines that became dead letters.", labels: [("reason", reason.rawValue)])
        }
        self.rejected = rejected
        truncations = registry.counter("truncations_total", help: "Times that a file was cut and begun anew.")
        rotations = registry.counter("rotations_total", help: "Times that a followed name went to a new file.")
        lost = [
            .removal: registry.counter(
                "lost_bytes_total", help: "Bytes that were in a file and were gone before they could be read."),
            .reboot: registry.counter(
                "unread_at_reboot_bytes_total",
                help: "Bytes of a RAM disk that were not read when the machine went down."),
        ]
        skippedZeroBytes = registry.counter("skipped_zero_bytes_total", help: "NUL bytes between lines.")
        backpressureSeconds = registry.measuredTotal(
            "backpressure_seconds_total", help: "Time for which lines were there and Redis could not take them.")
        rewinds = registry.counter(
            "rewinds_total", help: "Times that reading went back to the checkpoints in Redis.")
        nameConflicts = registry.counter(
            "name_conflicts_total", help: "Times that another reader had reported under the same sensor name.")
        unreadBytes = registry.gauge("unread_bytes", help: "Bytes in the followed files that have not been read.")
        filesOpen = registry.gauge("files_open", help: "Files that are followed now.")
        batchesInFlight = registry.gauge("batches_in_flight", help: "Batches that Redis has not confirmed yet.")
        lastReadTimestampSeconds = registry.gauge(
            "last_read_timestamp_seconds", help: "When a line was read last, in seconds since the epoch.")
        ramDiskSizeBytes = registry.gauge(
            "ram_disk_size_bytes", help: "Size of the file system that Suricata writes to.")
        ramDiskUsedBytes = registry.gauge(
            "ram_disk_used_bytes", help: "What is taken of the file system that Suricata writes to.")
        ramDiskInodes = registry.gauge(
            "ram_disk_inodes", help: "How many files that file system can hold; 0 without a bound.")
        ramDiskInodesUsed = registry.gauge("ram_disk_inodes_used", help: "How many files that file system holds.")
    }

    /// Shows how full the RAM disk is.
    func set(_ disk: FileSystemSpace) {
        ramDiskSizeBytes.set(Double(disk.sizeBytes))
        ramDiskUsedBytes.set(Double(disk.usedBytes))
        ramDiskInodes.set(Double(disk.inodes))
        ramDiskInodesUsed.set(Double(disk.inodesUsed))
    }
}
