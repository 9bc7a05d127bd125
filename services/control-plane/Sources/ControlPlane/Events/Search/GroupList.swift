import CivilTime
import JSON
import Lifecycle
import SQLite

/// A group as the index knows it.
struct AlertGroup: Sendable {
    let number: Int64
    let key: GroupKey
    let signature: String
    let severity: Int64
    let first: Int64
    let last: Int64
    let total: Int64
    let newestSequence: Int64
    /// Of the alert that was stored last, but for those that rules have archived.
    let openSequence: Int64
    let isOpen: Bool
    let isEscalated: Bool
    let archivedTotal: Int64

    static let columns = """
        key, signature_id, src_ip, dest_ip, sensor, signature, severity, first, last, total, newest_seq,
        is_open, archived_total, escalated_at IS NOT NULL, open_seq
        """

    init(_ row: SQLiteStatement) {
        number = row.integer(at: 0) ?? 0
        key = GroupKey(
            signatureID: row.integer(at: 1) ?? 0, sourceIP: row.text(at: 2) ?? "", destinationIP: row.text(at: 3) ?? "",
            sensor: row.text(at: 4) ?? "")
        signature = row.text(at: 5) ?? ""
        severity = row.integer(at: 6) ?? 0
        first = row.integer(at: 7) ?? 0
        last = row.integer(at: 8) ?? 0
        total = row.integer(at: 9) ?? 0
        newestSequence = row.integer(at: 10) ?? 0
        isOpen = row.integer(at: 11) == 1
        archivedTotal = row.integer(at: 12) ?? 0
        isEscalated = row.integer(at: 13) == 1
        openSequence = row.integer(at: 14) ?? 0
    }

    /// Whether a query means the group: its newest alert, and what people have said about all of it.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    fileprivate func isMeant(by query: Query, _ reader: EventReader) throws -> Bool {
        if query == .all { return true }
        func matches(_ document: JSONNode) -> Bool {
            query.matches(document) { fact in
                switch fact {
                case .archived: !isOpen
                case .escalated: isEscalated
                case .comment: reader.hasComment(onGroup: number)
                }
            }
        }
        var isMeant: Bool?
        try reader.store()?.visit(newestSequence...newestSequence, newestFirst: true) { event in
            isMeant = try reader.withDocument(event, matches)
            return false
        }
        if let isMeant { return isMeant }
        var tree = JSONTree()
        return try document.withUnsafeBytes { matches(try tree.parse($0)) }
    }

    /// The newest alert as far as the index knows it, for when the store does not have it any more.
    private var document: [UInt8] {
        JSONWriter.object { document in
            document.member("@timestamp", UTCTimestamp(last).description)
            for (name, ip) in [("source", key.sourceIP), ("destination", key.destinationIP)] where !ip.isEmpty {
                document.object(name) {
                    $0.member("ip", ip); $0.member("address", ip)
                }
            }
            document.object("rule") {
                $0.member("id", "\(key.signatureID)"); $0.member("name", signature)
            }
            document.object("observer") { $0.member("name", key.sensor) }
            document.object("suricata") { suricata in
                suricata.member("severity", severity)
                suricata.object("eve") { eve in
                    eve.member("event_type", "alert")
                    eve.object("alert") { $0.member("signature_id", key.signatureID) }
                }
            }
        }
    }
}

/// Pages of groups.
struct GroupList {
    enum State: String, Sendable, CaseIterable {
        case open, escalated, archived
    }

    enum Sort: String, Sendable, CaseIterable {
        /// The worst first, and of those the newest.
        case severity
        case newest
        /// Those with most alerts first.
        case count
    }

    /// The place of a group in a list.
    struct Place: Sendable, Equatable {
        let severity: Int64
        let value: Int64
        let number: Int64

        init(_ group: AlertGroup, _ sort: Sort) {
            severity = group.severity
            value = sort == .count ? group.total : group.last
            number = group.number
        }

        /// As ``text``; nil for any other text.
        init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, let severity = Int64(parts[0]), let value = Int64(parts[1]),
                let number = GroupKey.number(String(parts[2]))
            else { return nil }
            (self.severity, self.value, self.number) = (severity, value, number)
        }

        var text: String { "\(severity).\(value).\(GroupKey.text(number))" }
    }

    struct Page: Sendable {
        var groups: [AlertGroup] = []
        var next: Place?
        var isComplete = true
    }

    let index: SQLiteConnection

    /// A page of groups.
    ///
    /// - Parameter after: `next` of the page before.
    /// - Throws: `SQLiteError` and what the store throws.
    func page(
        _ state: State, _ query: Query, _ sort: Sort, limit: Int, after: Place?, _ reader: EventReader,
        deadline: Deadline = .milliseconds(EventReader.deadlineMilliseconds)
    ) throws -> Page {
        var page = Page()
        do {
            try index.limited(by: deadline) {
                for (sql, values) in try statements(state, sort, after) {
                    let select = try index.prepare(sql)
                    try select.bind(values)
                    while try select.step() {
                        let group = AlertGroup(select)
                        if try group.isMeant(by: query, reader) {
                            if page.groups.count == limit { return }
                            page.groups.append(group)
                        }
                        // All up to here has been looked at, should the time be over.
                        page.next = Place(group, sort)
                    }
                }
                page.next = nil
            }
        } catch let error as SQLiteError where error.code == .interrupted {
            page.isComplete = false
        }
        return page
    }

    /// One statement, or one for each severity: so all are read from an index in its order.
    private func statements(_ state: State, _ sort: Sort, _ after: Place?) throws -> [(String, [SQLiteValue])] {
        let (condition, byLast) =
            switch state {
            case .open: ("is_open", "groups_open_last")
            case .escalated: ("escalated_at IS NOT NULL", "groups_escalated")
            case .archived: ("NOT is_open", "groups_last")
            }
        func statement(_ from: String, _ more: String, _ order: String, _ values: [SQLiteValue]) -> (
            String, [SQLiteValue]
        ) {
            ("SELECT \(AlertGroup.columns) FROM groups \(from) WHERE \(condition) \(more) ORDER BY \(order)", values)
        }
        let place = after.map { [SQLiteValue.integer($0.value), .integer($0.number)] } ?? []
        switch (sort, state) {
        case (.newest, _):
            return [
                statement(
                    "INDEXED BY \(byLast)", after == nil ? "" : "AND (last, key) < (?, ?)", "last DESC, key DESC", place
                )
            ]
        case (.count, _):
            return [statement("", after == nil ? "" : "AND (total, key) < (?, ?)", "total DESC, key DESC", place)]
        case (.severity, .open):
            let severities = try index.rows(
                "SELECT DISTINCT severity FROM groups INDEXED BY groups_open_severity WHERE \(condition) ORDER BY severity"
            ) { $0.integer(at: 0) ?? 0 }
            return severities.filter { $0 >= after?.severity ?? .min }.map { severity in
                let isCut = severity == after?.severity
                return statement(
                    "INDEXED BY groups_open_severity", "AND severity = ? " + (isCut ? "AND (last, key) < (?, ?)" : ""),
                    "last DESC, key DESC", [.integer(severity)] + (isCut ? place : []))
            }
        case (.severity, _):
            return [
                statement(
                    "", after == nil ? "" : "AND (severity > ? OR severity = ? AND (last, key) < (?, ?))",
                    "severity, last DESC, key DESC",
                    (after.map { [.integer($0.severity), .integer($0.severity)] } ?? []) + place)
            ]
        }
    }

    /// How many open groups there are of each severity.
    ///
    /// - Throws: `SQLiteError`.
    func openCounts() throws -> [(severity: Int64, count: Int64)] {
        try index.rows(
            """
            SELECT severity, count(*) FROM groups INDEXED BY groups_open_severity WHERE is_open
            GROUP BY severity
            """
        ) { ($0.integer(at: 0) ?? 0, $0.integer(at: 1) ?? 0) }
    }

    /// - Throws: `SQLiteError`.
    func escalatedCount() throws -> Int64 {
        try index.integer("SELECT count(*) FROM groups INDEXED BY groups_escalated WHERE escalated_at IS NOT NULL") ?? 0
    }

    /// The groups of these numbers that there are.
    ///
    /// - Throws: `SQLiteError`.
    func groups(_ numbers: [Int64]) throws -> [AlertGroup] {
        let select = try index.prepare("SELECT \(AlertGroup.columns) FROM groups WHERE key = ?")
        return try numbers.compactMap { number in try select.row([.integer(number)]) { AlertGroup($0) } }
    }

    /// Alerts in each of the last hours, the oldest first.
    ///
    /// - Throws: `SQLiteError`.
    func hours(of number: Int64, until now: Int64, count: Int = 24) throws -> [Int64] {
        let last = now / Hour.nanoseconds
        var hours = [Int64](repeating: 0, count: count)
        for (hour, alerts) in try index.rows(
            "SELECT hour, count FROM group_hours WHERE key = ? AND hour > ? AND hour <= ?",
            [.integer(number), .integer(last - Int64(count)), .integer(last)],
            read: { ($0.integer(at: 0) ?? 0, $0.integer(at: 1) ?? 0) })
        {
            hours[count - 1 - Int(last - hour)] = alerts
        }
        return hours
    }
}
