import EventContract
import EventStore
import Files
import JSON
import Lifecycle
import Networks
import SQLite

/// Writes the index: takes events in the order of storing, and puts what they add into one transaction with its position.
///
/// What many events add to the same row is summed up first, so that a batch writes each row once.
final class EventIndexWriter {
    /// The span of time that one row of ``EventIndexFile`` speaks of grows up to so many events.
    private static let eventsPerSpan: Int64 = 5_000
    /// Severity of alerts that name none.
    static let severityUnknown: Int64 = 4

    private struct RollupKey: Hashable {
        /// In minutes or hours since the epoch.
        let time: Int64
        let eventType: String
        let severity: Int64
    }

    private struct HourKey<Subject: Hashable>: Hashable {
        let subject: Subject
        let hour: Int64
    }

    private struct NameKey: Hashable {
        let address: String
        let name: String
    }

    private struct Group {
        var signature: String
        var severity: Int64
        var first: Int64
        var last: Int64
        var total: Int64 = 0
        var newest: Int64
        /// Alerts that no rule has archived.
        var open: [(time: Int64, sequence: Int64)] = []
        var hours: [Int64: Int64] = [:]
    }

    private struct Talk {
        var flows: Int64 = 0
        var bytesOut: Int64 = 0
        var bytesIn: Int64 = 0
        var alerts: Int64 = 0
        var last: Int64 = 0
    }

    private struct Batch {
        var count: Int64 = 0
        var first: Int64 = 0
        var last = StorePosition()
        var timeMin = Int64.max
        var timeMax = Int64.min
        var rollup: [RollupKey: Int64] = [:]
        var groups: [GroupKey: Group] = [:]
        var talkers: [HourKey<String>: Talk] = [:]
        var hits: [String: (count: Int64, last: Int64)] = [:]
        var names: [NameKey: (source: NameSource, last: Int64)] = [:]
    }

    private let connection: SQLiteConnection
    private let triage: Triage
    private let path: String
    private let file: FileFacts?
    /// Documents of the store have no key twice: the mapping sees to that.
    private var tree = JSONTree(findsDuplicateKeys: false)
    private var digest: EventDigest
    private var batch = Batch()
    private var terms: (number: Int64, insertion: SQLiteStatement)?
    /// The last event that was taken.
    private(set) var position: StorePosition
    /// The event up to which hits of rules are counted; nil as long as nobody has asked.
    private var counted: Int64?

    /// - Throws: `SQLiteError`.
    init(path: String, triage: Triage) throws {
        (self.triage, self.path) = (triage, path)
        connection = try EventIndexFile.openForWriting(path)
        position =
            try connection.rows("SELECT seq, id FROM position") {
                StorePosition(sequence: $0.integer(at: 0) ?? 0, id: $0.text(at: 1) ?? "")
            }.first ?? StorePosition()
        digest = EventDigest(hash: tree.keyHash)
        file = try? FileFacts(path: path)
    }

    /// Whether the file is still the one that was opened.
    var isInPlace: Bool {
        guard let file, let now = try? FileFacts(path: path) else { return false }
        return now.isSameFile(as: file)
    }

    /// Takes the next events of the store, up to a number of them, or as many as there is time for.
    ///
    /// - Returns: how many there were.
    /// - Throws: `SQLiteError` and what the store throws; then nothing of them was taken.
    func take(from store: EventStoreReader, countMax: Int, deadline: Deadline) throws -> Int {
        batch = Batch()
        terms = nil
        let rules = triage.active.withLock { $0 }
        if counted == nil {
            let position = try triage.counted()
            counted = try position.isOf(store) ? position.sequence : 0
        }
        try connection.transaction {
            try store.visit(position.sequence + 1...Int64.max, newestFirst: false) { event in
                try take(event, rules)
                return batch.count < countMax && !deadline.hasPassed
            }
            // An open statement would keep the transaction from its end.
            terms = nil
            if batch.count > 0 { try write() }
            // First: what is taken again, because the transaction was not, is not counted again.
            try triage.note(hits: batch.hits, through: batch.last)
            counted = max(counted ?? 0, batch.last.sequence)
        }
        if batch.count > 0 { position = batch.last }
        return Int(batch.count)
    }

    private func take(_ event: VisitedEvent, _ rules: [ActiveRule]) throws {
        let (sequence, time) = (event.sequence, event.timestamp)
        if batch.count == 0 { batch.first = sequence }
        batch.count += 1
        batch.last = StorePosition(sequence: sequence, id: event.id)
        batch.timeMin = min(batch.timeMin, time)
        batch.timeMax = max(batch.timeMax, time)
        let severity = event.severity
        event.withDocument { bytes in
            // The store has only documents; one that is none has no words.
            guard let document = try? tree.parse(bytes) else { return }
            digest.take(document)
            // Our own canaries say nothing about the network.
            guard digest.eventType != Canary.eventType else { return }
            let isAlert = digest.eventType == "alert"
            let key = RollupKey(
                time: time / Minute.nanoseconds, eventType: digest.eventType,
                severity: isAlert ? severity ?? Self.severityUnknown : 0)
            batch.rollup[key, default: 0] += 1
            if isAlert {
                let rule = rules.first { $0.archives(document, at: time) }
                if let id = rule?.id, sequence > counted ?? 0 {
                    let hit = batch.hits[id] ?? (0, 0)
                    batch.hits[id] = (hit.count + 1, max(hit.last, time))
                }
                note(alert: sequence, time, severity ?? Self.severityUnknown, isArchived: rule != nil)
            }
            if digest.eventType == "flow" || isAlert { note(talkAt: time, isAlert: isAlert) }
            for (address, name, source) in digest.names.prefix(16) where name.utf8.count <= 255 {
                let key = NameKey(address: address, name: name)
                batch.names[key] = (source, max(time, batch.names[key]?.last ?? 0))
            }
        }
        try insertTerms(sequence)
    }

    private func insertTerms(_ sequence: Int64) throws {
        let number = EventIndexFile.tableNumber(sequence)
        if terms?.number != number {
            try connection.execute(EventIndexFile.termsTable(sequence))
            terms = (
                number,
                try connection.prepare("INSERT INTO \(EventIndexFile.tableName(sequence)) (rowid, text) VALUES (?, ?)")
            )
        }
        guard let insertion = terms?.insertion else { return }
        try digest.words.text.withUnsafeBytes { text in
            defer { insertion.reset() }
            try insertion.bind(sequence, at: 1)
            try insertion.bindUncopied(text, at: 2)
            _ = try insertion.step()
        }
    }

    private func note(alert sequence: Int64, _ time: Int64, _ severity: Int64, isArchived: Bool) {
        let key = GroupKey(
            signatureID: digest.signatureID ?? 0, sourceIP: digest.sourceIP, destinationIP: digest.destinationIP,
            sensor: digest.sensor)
        func take(_ group: inout Group) {
            group.signature = digest.signature
            group.severity = severity
            group.first = min(group.first, time)
            if time >= group.last { (group.last, group.newest) = (time, sequence) }
            if !isArchived { group.open.append((time, sequence)) }
            group.total += 1
            group.hours[time / Hour.nanoseconds, default: 0] += 1
        }
        // In place: taken out and put back, the times of a noisy rule would be copied for each of its alerts.
        take(
            &batch.groups[
                key,
                default: Group(
                    signature: digest.signature, severity: severity, first: time, last: time, newest: sequence)])
    }

    private func note(talkAt time: Int64, isAlert: Bool) {
        func note(_ address: String, _ change: (inout Talk) -> Void) {
            guard !address.isEmpty else { return }
            let key = HourKey(subject: address, hour: time / Hour.nanoseconds)
            var talk = batch.talkers[key] ?? Talk()
            change(&talk)
            talk.last = max(time, talk.last)
            batch.talkers[key] = talk
        }
        let (out, back) = isAlert ? (0, 0) : (digest.sourceBytes, digest.destinationBytes)
        note(digest.sourceIP) { talk in
            if isAlert { talk.alerts += 1 } else { talk.flows += 1 }
            talk.bytesOut &+= out
            talk.bytesIn &+= back
        }
        guard digest.destinationIP != digest.sourceIP else { return }
        note(digest.destinationIP) { talk in
            if isAlert { talk.alerts += 1 } else { talk.flows += 1 }
            talk.bytesOut &+= back
            talk.bytesIn &+= out
        }
    }

    // MARK: - Writing

    private func write() throws {
        try connection.run(
            "UPDATE position SET seq = ?, id = ?", .integer(batch.last.sequence),
            .text(batch.last.id))
        try writeSpan()
        var hours: [RollupKey: Int64] = [:]
        for (key, count) in batch.rollup {
            let hour = key.time * Minute.nanoseconds / Hour.nanoseconds
            hours[RollupKey(time: hour, eventType: key.eventType, severity: key.severity), default: 0] += count
        }
        for (table, counts) in [("rollup", batch.rollup), ("rollup_hours", hours)] {
            try each(
                counts,
                "INSERT INTO \(table) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
            ) { key, count in [.integer(key.time), .text(key.eventType), .integer(key.severity), .integer(count)] }
        }
        try each(
            batch.talkers,
            """
            INSERT INTO talkers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET flows = flows + excluded.flows,
            bytes_out = bytes_out + excluded.bytes_out, bytes_in = bytes_in + excluded.bytes_in,
            alerts = alerts + excluded.alerts, last = max(last, excluded.last)
            """
        ) { key, talk in
            [
                .integer(OwnNetworks.contain(key.subject) ? 1 : 0), .integer(key.hour), .text(key.subject),
                .integer(talk.flows), .integer(talk.bytesOut), .integer(talk.bytesIn), .integer(talk.alerts),
                .integer(talk.last),
            ]
        }
        // Most names are seen again and again: an hour more or less is not worth a write.
        try each(
            batch.names,
            """
            INSERT INTO names VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET last = excluded.last, source = excluded.source
            WHERE excluded.last > last + \(Hour.nanoseconds)
            """
        ) { key, name in
            [.text(key.address), .text(key.name), .text(name.source.rawValue), .integer(name.last)]
        }
        try writeGroups()
    }

    private func writeSpan() throws {
        let last = try connection.rows("SELECT first_seq, count FROM spans ORDER BY first_seq DESC LIMIT 1") { row in
            (first: row.integer(at: 0) ?? 0, count: row.integer(at: 1) ?? 0)
        }.first
        if let last, last.count + batch.count <= Self.eventsPerSpan {
            try connection.run(
                """
                UPDATE spans SET last_seq = ?, count = count + ?, time_min = min(time_min, ?), time_max = max(time_max, ?)
                WHERE first_seq = ?
                """, .integer(batch.last.sequence), .integer(batch.count), .integer(batch.timeMin),
                .integer(batch.timeMax),
                .integer(last.first))
        } else {
            try connection.run(
                "INSERT INTO spans VALUES (?, ?, ?, ?, ?)", .integer(batch.first), .integer(batch.last.sequence),
                .integer(batch.count), .integer(batch.timeMin), .integer(batch.timeMax))
        }
    }

    private func writeGroups() throws {
        let groups = batch.groups.map { (key: $0.key, value: (number: $0.key.number, group: $0.value)) }
        let states = try triage.states(of: groups.map(\.value.number))
        try each(
            groups,
            """
            INSERT INTO groups (key, signature_id, signature, src_ip, dest_ip, sensor, severity, first, last, total,
              open_last, open_seq, newest_seq, archived_through, archived_seq, archived_total, escalated_at, assignee)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET signature = excluded.signature, severity = excluded.severity,
              first = min(first, excluded.first), total = total + excluded.total,
              open_last = max(open_last, excluded.open_last), open_seq = max(open_seq, excluded.open_seq),
              newest_seq = iif(excluded.last >= last, excluded.newest_seq, newest_seq), last = max(last, excluded.last),
              archived_through = excluded.archived_through, archived_seq = excluded.archived_seq,
              archived_total = archived_total + excluded.archived_total,
              escalated_at = excluded.escalated_at, assignee = excluded.assignee
            """
        ) { key, entry in
            let group = entry.group
            let state = states[entry.number] ?? GroupState()
            let open = group.open.count { !state.archives(at: $0.time, $0.sequence) }
            return [
                .integer(entry.number), .integer(key.signatureID), .text(group.signature), .text(key.sourceIP),
                .text(key.destinationIP), .text(key.sensor), .integer(group.severity), .integer(group.first),
                .integer(group.last), .integer(group.total), .integer(group.open.map(\.time).max() ?? 0),
                .integer(group.open.last?.sequence ?? 0), .integer(group.newest), .integer(state.archivedThrough),
                .integer(state.archivedSequence), .integer(group.total - Int64(open)), .integer(state.escalatedAt),
                .text(state.assignee),
            ]
        }
        var ruleHours: [HourKey<Int64>: Int64] = [:]
        var hours: [(key: HourKey<Int64>, value: Int64)] = []
        for (key, entry) in groups {
            for (hour, count) in entry.group.hours {
                ruleHours[HourKey(subject: key.signatureID, hour: hour), default: 0] += count
                hours.append((HourKey(subject: entry.number, hour: hour), count))
            }
        }
        try each(
            hours, "INSERT INTO group_hours VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
        ) { key, count in [.integer(key.subject), .integer(key.hour), .integer(count)] }
        try each(
            ruleHours, "INSERT INTO sid_hours VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"
        ) { key, count in [.integer(key.hour), .integer(key.subject), .integer(count)] }
    }

    private func each<Key, Value>(
        _ entries: some Sequence<(key: Key, value: Value)>, _ sql: String, _ values: (Key, Value) -> [SQLiteValue]
    ) throws {
        let statement = try connection.prepare(sql)
        for (key, value) in entries {
            try statement.run(values(key, value))
        }
    }

    // MARK: - What people decide

    /// Takes over what has changed in the groups since the last time.
    ///
    /// - Throws: `SQLiteError`.
    func takeOverTriage() throws {
        // A copy of triage.db that was put back may know less than was taken over.
        if let known = try connection.integer("SELECT history FROM position"), try known > triage.lastChange() {
            try connection.transaction {
                try connection.execute(
                    """
                    UPDATE groups SET archived_total = iif(archived_through > 0, 0, archived_total), archived_through = 0,
                      archived_seq = \(Int64.max), escalated_at = NULL, assignee = NULL;
                    UPDATE position SET history = 0;
                    """)
            }
        }
        while true {
            let known = try connection.integer("SELECT history FROM position") ?? 0
            let changes = try triage.changes(after: known, limit: Self.changesPerTransaction)
            guard let last = changes.last else { return }
            try connection.transaction {
                let update = try connection.prepare(
                    """
                    UPDATE groups SET archived_total = CASE WHEN archived_through = ?1 AND archived_seq = ?5 THEN archived_total
                        WHEN last <= ?1 THEN total
                        ELSE total - ifnull((SELECT sum(count) FROM group_hours
                            WHERE group_hours.key = groups.key AND hour > ?1 / \(Hour.nanoseconds)), 0) END,
                      archived_through = ?1, archived_seq = ?5, escalated_at = ?2, assignee = ?3 WHERE key = ?4
                    """)
                for change in changes {
                    try update.run([
                        .integer(change.state.archivedThrough), .integer(change.state.escalatedAt),
                        .text(change.state.assignee), .integer(change.number), .integer(change.state.archivedSequence),
                    ])
                }
                try connection.run("UPDATE position SET history = ?", .integer(last.change))
            }
        }
    }

    private static let changesPerTransaction = 2_000

    // MARK: - What is over

    /// Removes what speaks only of events that the store does not have any more.
    ///
    /// - Returns: the time of the oldest event that is left, in nanoseconds since the epoch; nil when there is none.
    /// - Throws: `SQLiteError`.
    func forget(before first: Int64) throws -> Int64? {
        let oldest = try connection.integer("SELECT min(time_min) FROM spans WHERE last_seq >= \(first)")
        let tables = try connection.texts(
            "SELECT name FROM sqlite_schema WHERE name GLOB 'terms_[0-9]*' AND sql LIKE 'CREATE VIRTUAL%'")
        try connection.transaction {
            let firstTable = EventIndexFile.tableNumber(first)
            for table in tables {
                if let number = Int64(table.dropFirst("terms_".count)), number < firstTable {
                    try connection.execute("DROP TABLE \(table)")
                }
            }
            try connection.execute("DELETE FROM spans WHERE last_seq < \(first)")
            guard let oldest else { return }
            let hour = oldest / Hour.nanoseconds
            try connection.execute("DELETE FROM rollup WHERE minute < \(oldest / Minute.nanoseconds)")
            try connection.execute("DELETE FROM rollup_hours WHERE hour < \(hour)")
            try connection.execute("DELETE FROM sid_hours WHERE hour < \(hour)")
            try connection.execute("DELETE FROM talkers WHERE own IN (0, 1) AND hour < \(hour)")
            try connection.execute("DELETE FROM names WHERE last < \(oldest)")
            try connection.execute(
                """
                DELETE FROM names WHERE last < ifnull((SELECT last FROM names ORDER BY last DESC LIMIT 1 OFFSET \(Self.namesMax)), 0);
                DELETE FROM group_hours WHERE key IN (SELECT key FROM groups WHERE last < \(oldest));
                DELETE FROM groups WHERE last < \(oldest)
                """)
        }
        return oldest
    }

    /// Names that are kept: the ones seen last.
    private static let namesMax = 200_000
}

/// Minutes since the epoch.
enum Minute {
    static let nanoseconds: Int64 = 60_000_000_000
}

/// Hours since the epoch.
enum Hour {
    static let nanoseconds: Int64 = 3_600_000_000_000
}

/// The addresses that are one's own.
enum OwnNetworks {
    static func contain(_ address: String) -> Bool {
        guard let address = Array(address.utf8).withUnsafeBytes({ IPAddress(text: $0) }) else { return false }
        return IPNetwork.privateNetworks.contains { $0.contains(address) }
    }
}
