import EventContract
import Files
import JSON
import Lifecycle
import Metrics
import RedisStreams

/// Tells Redis every few seconds how large the store's file is, with the log that SQLite writes beside it. Layout:
/// docs/event-contract.md.
public final class EventStoreReport {
    private let link: RedisLink
    private let key: String
    private let group: String
    private let path: String
    private let sizeBytes: Gauge
    private var interval = Interval(milliseconds: 10_000)

    init(link: RedisLink, keys: StreamKeys, group: String, path: String, metrics: MetricsRegistry) {
        (self.link, key, self.group, self.path) = (link, keys.stores, group, path)
        sizeBytes = metrics.gauge("store_size_bytes", help: "Size of the store's file, with its write-ahead log.")
    }

    /// Reports if it is time to; while Redis cannot be used, only to the shipper's own metrics.
    func tell() {
        guard interval.restartIfDue() else { return }
        let bytes = [path, path + "-wal"].reduce(0) { $0 + ((try? FileFacts(path: $1).size) ?? 0) }
        sizeBytes.set(Double(bytes))
        let report = JSONWriter.objectText { json in
            json.member(StoreReportMember.time.rawValue, WallClock.nanoseconds())
            json.member(StoreReportMember.bytes.rawValue, Int(clamping: bytes))
        }
        link.keep(report, as: group, of: key)
    }
}
