import EventContract
import Files
import JSON
import Lifecycle
import Logging
import RedisStreams

/// Tells Redis every few seconds what only the reader can see: the RAM disk, what is unread, and how old the newest
/// event is. Layout: docs/event-contract.md.
///
/// Each report replaces the one before it, which has to be this reader's own. If it is not, another reader has the same
/// sensor name: nothing is lost by that, but nobody can tell the events of the two apart.
final class SensorReport {
    private let link: RedisLink
    private let key: String
    private let sensor: String
    private let path: String
    private let metrics: ReaderMetrics
    private let logger: Logger
    /// Tells this reader's reports from another one's.
    private let instance = Int64.random(in: 1...999_999_999_999)
    private var hasReported = false
    private var isNameShared = false
    private var interval = Interval(milliseconds: 5_000)
    private var lastEventTime: Int64 = 0
    private var lastReadTime: Int64 = 0

    init(link: RedisLink, keys: StreamKeys, sensor: String, path: String, metrics: ReaderMetrics, logger: Logger) {
        (self.link, key, self.sensor, self.path) = (link, keys.sensors, sensor, path)
        (self.metrics, self.logger) = (metrics, logger)
    }

    /// Records a batch that is stored.
    func note(_ batch: BatchSource.Batch) {
        guard let front = batch.payload.flatMap(BatchFront.init) else { return }
        lastReadTime = front.readTime
        if front.lastTime > 0 { lastEventTime = front.lastTime }
    }

    /// Reports if it is time to; while Redis cannot be used, only to the reader's own metrics.
    func tell() {
        guard interval.restartIfDue() else { return }
        let disk = FileSystemSpace(of: path)
        if let disk { metrics.set(disk) }
        link.keep(text(disk), as: sensor, of: key) { [weak self] in self?.compare($0) }
    }

    /// Says when somebody else has reported under this name since this reader's last report.
    private func compare(_ replaced: String?) {
        // What a first report replaces is of the reader that ran before.
        let isShared = hasReported && replaced.map { !isOwn($0) } ?? false
        hasReported = true
        if isShared { metrics.nameConflicts.add() }
        guard isShared != isNameShared else { return }
        isNameShared = isShared
        if isShared {
            logger.warning("Another reader has the same sensor name; each needs its own", ["sensor": sensor])
        } else {
            logger.notice("No other reader has this sensor name any more", ["sensor": sensor])
        }
    }

    /// Whether this reader has made a report.
    private func isOwn(_ report: String) -> Bool {
        var tree = JSONTree()
        return Array(report.utf8).withUnsafeBytes { bytes in
            let members = (try? tree.parse(bytes))?.members
            let named = members?.first { $0.key.string == SensorReportMember.instance.rawValue }
            return named?.value.int64 == instance
        }
    }

    private func text(_ disk: FileSystemSpace?) -> String {
        var members: [(SensorReportMember, Int64)] = [
            (.instance, instance), (.time, WallClock.nanoseconds()), (.lastEvent, lastEventTime),
            (.lastRead, lastReadTime), (.unreadBytes, Int64(exactly: metrics.unreadBytes.value) ?? .max),
        ]
        if let disk {
            members += [
                (.diskBytes, Int64(clamping: disk.sizeBytes)), (.diskUsedBytes, Int64(clamping: disk.usedBytes)),
                (.inodes, Int64(clamping: disk.inodes)), (.inodesUsed, Int64(clamping: disk.inodesUsed)),
            ]
        }
        return JSONWriter.objectText { json in
            for (name, value) in members { json.member(name.rawValue, value) }
        }
    }
}
