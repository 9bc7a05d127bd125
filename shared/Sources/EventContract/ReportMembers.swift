/// The members of what a reader reports about its sensor, in a field of ``StreamKeys/sensors``. Each is an integer.
public enum SensorReportMember: String, CaseIterable, Sendable {
    /// Differs from reader to reader.
    case instance
    /// When the report was made, in nanoseconds since the epoch.
    case time
    /// The time in the newest event that was read, in nanoseconds since the epoch.
    case lastEvent = "last_event"
    /// When that was read, in nanoseconds since the epoch.
    case lastRead = "last_read"
    /// Bytes in Suricata's files that have not been read.
    case unreadBytes = "unread_bytes"
    /// Size of the file system that Suricata writes to.
    case diskBytes = "disk_bytes"
    /// How much of it is used.
    case diskUsedBytes = "disk_used_bytes"
    /// How many files it can hold; 0 when there is no limit.
    case inodes
    /// How many files it holds.
    case inodesUsed = "inodes_used"

    /// Whether it is a point in time.
    public var isTime: Bool { [.time, .lastEvent, .lastRead].contains(self) }
}

/// The members of what the shipper to a local store reports about it, in a field of ``StreamKeys/stores``. Each is an
/// integer.
public enum StoreReportMember: String, CaseIterable, Sendable {
    /// When the report was made, in nanoseconds since the epoch.
    case time
    /// Size of the store's file, with its write-ahead log.
    case bytes
}
