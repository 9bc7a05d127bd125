import SQLite

extension Triage {
    /// What people say of a host.
    struct HostNote: Sendable, Equatable {
        /// What they call it; empty for what it calls itself.
        let name: String
        let note: String
        let user: String
        /// Nanoseconds since the epoch.
        let time: Int64
    }

    static let hostNotesMax = 10_000
    /// Hosts that a part of a name finds.
    private static let foundMax = 200

    /// - Returns: nil when nobody has said anything.
    /// - Throws: `SQLiteError`.
    func hostNote(of ip: String) throws -> HostNote? {
        try connection.withLock { connection in
            try connection.rows("SELECT name, note, user, time FROM host_notes WHERE ip = ?", [.text(ip)]) { row in
                HostNote(
                    name: row.text(at: 0) ?? "", note: row.text(at: 1) ?? "", user: row.text(at: 2) ?? "",
                    time: row.integer(at: 3) ?? 0)
            }.first
        }
    }

    /// Keeps what is said of a host in place of what was; nothing, when nothing is said.
    ///
    /// - Returns: false when too many others have a note.
    /// - Throws: `SQLiteError`.
    func put(_ note: HostNote, on ip: String) throws -> Bool {
        try connection.withLock { connection in
            guard !note.name.isEmpty || !note.note.isEmpty else {
                try connection.run("DELETE FROM host_notes WHERE ip = ?", .text(ip))
                return true
            }
            try connection.run(
                """
                INSERT INTO host_notes SELECT ?1, ?2, ?3, ?4, ?5
                WHERE (SELECT count(*) FROM host_notes WHERE ip <> ?1) < \(Self.hostNotesMax)
                ON CONFLICT DO UPDATE SET name = excluded.name, note = excluded.note, user = excluded.user,
                time = excluded.time
                """, .text(ip), .text(note.name), .text(note.note), .text(note.user), .integer(note.time))
            return connection.changedRowCount > 0
        }
    }

    /// Addresses of hosts of whose given name this is a part, whatever the case.
    ///
    /// - Throws: `SQLiteError`.
    func hosts(named text: String) throws -> [String] {
        guard !text.isEmpty else { return [] }
        return try connection.withLock { connection in
            try connection.rows(
                "SELECT ip FROM host_notes WHERE instr(lower(name), lower(?)) ORDER BY ip LIMIT \(Self.foundMax)",
                [.text(text)]
            ) { $0.text(at: 0) ?? "" }
        }
    }
}
