import EventContract
import SQLite
import ServiceTesting
import Testing

@testable import EventStore

/// A store of schema 1 becomes one of this schema.
@Suite struct EventStoreUpgradeTests {
    private let folder: TemporaryDirectory
    private let path: String

    /// As the programs of that time made it.
    private static let schema = """
        CREATE TABLE IF NOT EXISTS events (
            id TEXT PRIMARY KEY,
            timestamp INTEGER NOT NULL, -- nanoseconds since 1970-01-01 00:00 UTC
            event_type TEXT,
            severity INTEGER, -- of alerts only; 1 is the worst
            src_ip TEXT,
            src_port INTEGER,
            dest_ip TEXT,
            dest_port INTEGER,
            signature TEXT, -- of alerts only
            document TEXT NOT NULL -- the ECS document, JSON on one line
        );
        CREATE INDEX IF NOT EXISTS events_timestamp ON events (timestamp);
        CREATE INDEX IF NOT EXISTS events_event_type ON events (event_type, timestamp);
        CREATE INDEX IF NOT EXISTS events_severity ON events (severity, timestamp) WHERE severity IS NOT NULL;
        CREATE INDEX IF NOT EXISTS events_signature ON events (signature, timestamp) WHERE signature IS NOT NULL;
        CREATE INDEX IF NOT EXISTS events_src_ip ON events (src_ip, timestamp) WHERE src_ip IS NOT NULL;
        CREATE INDEX IF NOT EXISTS events_dest_ip ON events (dest_ip, timestamp) WHERE dest_ip IS NOT NULL;
        PRAGMA user_version = 1;
        """

    init() throws {
        folder = try TemporaryDirectory("event-store-upgrade")
        path = folder.file("events.db")
    }

    /// Makes a store of schema 1 with these events, each of an alert with this number as its port.
    private func store(numbers: [Int], mark: Int64 = EventStoreSchema.applicationID) throws {
        let old = try SQLiteConnection(path: path)
        try old.execute("PRAGMA journal_mode = WAL; \(Self.schema) PRAGMA application_id = \(mark)")
        for number in numbers {
            try old.execute(
                """
                INSERT INTO events VALUES ('id\(number)', \(number), 'alert', 1, '10.0.0.1', \(number), '10.0.0.2', 80, 'RULE',
                '{"network":{"transport":"tcp"},"rule":{"id":"\(number)"}}')
                """)
        }
    }

    private func writer() throws -> EventStoreWriter {
        try EventStoreWriter(path: path, busyTimeoutMilliseconds: 20)
    }

    private func events() throws -> [StoredEvent] {
        try EventStoreReader(path: path, busyTimeoutMilliseconds: 20).stored(after: 0, limit: 1_000)
    }

    @Test(arguments: [EventStoreSchema.applicationID, 0])
    func nothingIsLostAndTheOrderOfStoringIsKept(mark: Int64) throws {
        try store(numbers: [5, 3, 4, 1], mark: mark)
        let writer = try writer()
        #expect(writer.wasUpgraded)
        let batch = try DocumentBatch.testing(["{}"])
        #expect(try writer.store(batch) == [.stored])
        let events = try events()
        #expect(events.map(\.id) == ["id5", "id3", "id4", "id1"] + batch.ids)
        #expect(events.map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(events.map(\.sourcePort) == [5, 3, 4, 1, nil])
        #expect(events.map(\.signatureID) == [5, 3, 4, 1, nil])
        #expect(events.map(\.transport) == ["tcp", "tcp", "tcp", "tcp", nil])
    }

    /// Step by step, whoever is stopped in between.
    @Test func theStoreEndsAsIfItHadBeenMadeToday() throws {
        try store(numbers: Array(1...100))
        for left in (0...4).reversed() {
            let writer = try writer()
            #expect(writer.wasUpgraded == (left == 4))
            #expect(writer.hasObsoleteIndex == (left > 0))
            try writer.removeObsoleteIndex()
            #expect(try SQLiteConnection(path: path).texts("PRAGMA integrity_check") == ["ok"])
        }
        let definitions = "SELECT type || name || ifnull(sql, '') FROM sqlite_schema ORDER BY 1"
        let new = try SQLiteConnection(path: ":memory:")
        try new.execute(EventStoreSchema.statements)
        let upgraded = try SQLiteConnection(path: path)
        #expect(try upgraded.texts(definitions) == new.texts(definitions))
        #expect(try upgraded.integer("PRAGMA user_version") == EventStoreSchema.version)
        #expect(try upgraded.integer("PRAGMA application_id") == EventStoreSchema.applicationID)
        try upgraded.execute("VACUUM")
        #expect(try events().map(\.sourcePort) == Array(1...100))
    }

    @Test func whatWasStoredBeforeIsRecognised() throws {
        let batch = try DocumentBatch.testing([#"{"a":1}"#])
        try store(numbers: [])
        try SQLiteConnection(path: path).execute(
            "INSERT INTO events (id, timestamp, document) VALUES ('\(batch.ids[0])', 1, '{}')")
        #expect(try writer().store(batch) == [.alreadyThere])
    }

    @Test func anEmptyStoreIsUpgraded() throws {
        try store(numbers: [])
        let batch = try DocumentBatch.testing(["{}"])
        _ = try writer().store(batch)
        #expect(try events().map(\.id) == batch.ids)
    }

    /// A number of an event that was removed before may be given again, as nobody knows of it; later ones never.
    @Test func oldEventsAreRemovedFirst() throws {
        try store(numbers: [3, 1, 2])
        let writer = try writer()
        let batch = try DocumentBatch.testing(["{}"])
        _ = try writer.store(batch)
        #expect(try writer.remove(before: nil, bytesMax: 0, countMax: 2) == 2)
        #expect(try events().map(\.id) == ["id2"] + batch.ids)
        #expect(try writer.remove(before: 3, bytesMax: nil, countMax: 2) == 1)
        #expect(try events().map(\.id) == batch.ids)
    }

    @Test func whoeverReadsMeanwhileGoesOn() throws {
        try store(numbers: [1, 2])
        let reader = try SQLiteConnection(path: path, mode: .readOnly)
        let select = try reader.prepare("SELECT id FROM events ORDER BY timestamp")
        #expect(try select.step())
        let writer = try writer()
        while writer.hasObsoleteIndex { try writer.removeObsoleteIndex() }
        #expect(try select.step() && select.text(at: 0) == "id2")
        #expect(try !select.step())
        #expect(try reader.texts("SELECT seq || ' ' || id FROM events") == ["1 id1", "2 id2"])
    }

    @Test func aReaderAloneChangesNothing() throws {
        try store(numbers: [1])
        #expect {
            try events()
        } throws: {
            "\($0)".contains("is not yet a store of schema version \(EventStoreSchema.version)")
        }
        #expect(try SQLiteConnection(path: path, mode: .readOnly).integer("PRAGMA user_version") == 1)
    }
}
