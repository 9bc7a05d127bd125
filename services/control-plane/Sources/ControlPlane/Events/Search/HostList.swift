import JSON
import Lifecycle
import SQLite

/// Hosts as the index knows them.
struct HostList {
    struct Host: Sendable {
        let ip: String
        let isOwn: Bool
        let flows: Int64
        let bytesOut: Int64
        let bytesIn: Int64
        let alerts: Int64
        /// The hour in which it was seen first in the time asked for, in nanoseconds since the epoch.
        let first: Int64
        /// Nanoseconds since the epoch.
        let last: Int64
    }

    struct HourOfHost: Sendable {
        let hour: Int64
        let flows: Int64
        let bytesOut: Int64
        let bytesIn: Int64
        let alerts: Int64
    }

    struct Name: Sendable {
        let name: String
        let source: String
        let last: Int64
    }

    enum Sort: String, Sendable, CaseIterable {
        case bytes, alerts, flows, last

        fileprivate var order: String {
            switch self {
            case .bytes: "sum(bytes_out) + sum(bytes_in) DESC"
            case .alerts: "sum(alerts) DESC, sum(bytes_out) + sum(bytes_in) DESC"
            case .flows: "sum(flows) DESC"
            case .last: "max(last) DESC"
            }
        }
    }

    let index: SQLiteConnection

    /// Hosts of the last hours.
    ///
    /// - Parameters:
    ///   - own: only own hosts, or only those of others; nil for all.
    ///   - text: the beginning of the address, or a part of the name; empty for all.
    ///   - named: addresses that are meant, too, whatever the index says of them.
    /// - Throws: `SQLiteError`.
    func hosts(
        own: Bool?, hours: Int, until now: Int64, matching text: String, or named: [String] = [], _ sort: Sort,
        limit: Int
    ) throws -> [Host] {
        try index.limited(by: .milliseconds(EventReader.deadlineMilliseconds)) {
            try index.rows(
                """
                SELECT \(Self.columns) FROM talkers
                WHERE own IN (\(own.map { $0 ? "1" : "0" } ?? "0, 1")) AND hour > ?1
                  AND (?2 = '' OR substr(ip, 1, length(?2)) = ?2 OR ip IN (SELECT value FROM json_each(?4))
                  OR EXISTS (SELECT 1 FROM names WHERE names.ip = talkers.ip AND instr(lower(name), lower(?2))))
                GROUP BY ip ORDER BY \(sort.order) LIMIT ?3
                """,
                [
                    .integer(now / Hour.nanoseconds - Int64(hours)), .text(text), .integer(Int64(limit)),
                    .text(String(decoding: JSONWriter.bytes(of: named), as: UTF8.self)),
                ], read: Self.host)
        }
    }

    /// One host; nil when it was not seen in that time.
    ///
    /// - Throws: `SQLiteError`.
    func host(_ ip: String, hours: Int, until now: Int64) throws -> Host? {
        try index.rows(
            """
            SELECT \(Self.columns) FROM talkers WHERE own = ? AND hour > ? AND ip = ? GROUP BY ip
            """, condition(ip, hours, now), read: Self.host
        ).first
    }

    /// What it did in each hour, the oldest first; hours without anything are left out.
    ///
    /// - Throws: `SQLiteError`.
    func hours(of ip: String, hours: Int, until now: Int64) throws -> [HourOfHost] {
        try index.rows(
            """
            SELECT hour, flows, bytes_out, bytes_in, alerts FROM talkers
            WHERE own = ? AND hour > ? AND ip = ? ORDER BY hour
            """, condition(ip, hours, now)
        ) { row in
            HourOfHost(
                hour: row.integer(at: 0) ?? 0, flows: row.integer(at: 1) ?? 0, bytesOut: row.integer(at: 2) ?? 0,
                bytesIn: row.integer(at: 3) ?? 0, alerts: row.integer(at: 4) ?? 0)
        }
    }

    /// What it is called, the name seen last first.
    ///
    /// - Throws: `SQLiteError`.
    func names(of ip: String) throws -> [Name] {
        try index.rows(
            "SELECT name, source, last FROM names WHERE ip = ? ORDER BY source = 'dhcp' DESC, last DESC LIMIT 50",
            [.text(ip)]
        ) { Name(name: $0.text(at: 0) ?? "", source: $0.text(at: 1) ?? "", last: $0.integer(at: 2) ?? 0) }
    }

    private func condition(_ ip: String, _ hours: Int, _ now: Int64) -> [SQLiteValue] {
        [.integer(OwnNetworks.contain(ip) ? 1 : 0), .integer(now / Hour.nanoseconds - Int64(hours)), .text(ip)]
    }

    private static let columns =
        "ip, own, sum(flows), sum(bytes_out), sum(bytes_in), sum(alerts), min(hour), max(last)"

    private static func host(_ row: SQLiteStatement) -> Host {
        Host(
            ip: row.text(at: 0) ?? "", isOwn: row.integer(at: 1) == 1, flows: row.integer(at: 2) ?? 0,
            bytesOut: row.integer(at: 3) ?? 0, bytesIn: row.integer(at: 4) ?? 0, alerts: row.integer(at: 5) ?? 0,
            first: (row.integer(at: 6) ?? 0) * Hour.nanoseconds, last: row.integer(at: 7) ?? 0)
    }
}
