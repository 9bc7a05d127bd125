import EventContract
import Glibc
import SQLite
import ServiceTesting
import Testing

@testable import EventStore

@Suite struct EventStoreTests {
    private let folder: TemporaryDirectory
    private let path: String

    init() throws {
        folder = try TemporaryDirectory("event-store")
        path = folder.file("events.db")
    }

    private func writer() throws -> EventStoreWriter {
        try EventStoreWriter(path: path, busyTimeoutMilliseconds: 20)
    }

    @Test func theColumnsAreTakenFromTheDocument() throws {
        let alert = #"""
            {"@timestamp":"2026-02-01T00:00:00.000000Z","source":{"address":"x","ip":"192.0.2.1","port":1234},
            "destination":{"ip":"2001:db8::1","port":53},"suricata":{"signature":"ET \"quoted\" ü","severity":1,
            "eve":{"event_type":"alert","flow":{"src_ip":"203.0.113.9"}}}}
            """#.split(separator: "\n").joined()
        let stats = #"{"source":"text","destination":[],"suricata":{"severity":"1","eve":{"event_type":"stats"}}}"#
        let batch = try DocumentBatch.testing([alert, stats, "{}"])
        #expect(try writer().store(batch) == [.stored, .stored, .stored])

        let database = try SQLiteConnection(path: path, mode: .readOnly)
        let select = try database.prepare(
            """
            SELECT id, timestamp, event_type, severity, src_ip, src_port, dest_ip, dest_port, signature, document
            FROM events ORDER BY timestamp
            """)
        var rows: [[String?]] = []
        while try select.step() { rows.append((0..<10).map { select.text(at: $0) }) }
        let time = 1_769_904_000_000_000_000
        #expect(
            rows == [
                [
                    batch.ids[0], "\(time)", "alert", "1", "192.0.2.1", "1234", "2001:db8::1", "53", #"ET "quoted" ü"#,
                    alert,
                ],
                [batch.ids[1], "\(time + 1_000_000)", "stats", nil, nil, nil, nil, nil, nil, stats],
                [batch.ids[2], "\(time + 2_000_000)", nil, nil, nil, nil, nil, nil, nil, "{}"],
            ])
    }

    /// What an event viewer asks for is answered from an index, newest first, without sorting.
    @Test(arguments: [
        ("ORDER BY timestamp DESC", "events_timestamp"),
        ("WHERE timestamp BETWEEN 1 AND 2 ORDER BY timestamp DESC", "events_timestamp"),
        ("WHERE event_type = 'alert' ORDER BY timestamp DESC", "events_event_type"),
        ("WHERE severity = 1 ORDER BY timestamp DESC", "events_severity"),
        ("WHERE signature = 'x' ORDER BY timestamp DESC", "events_signature"),
        ("WHERE src_ip = 'x' ORDER BY timestamp DESC", "events_src_ip"),
        ("WHERE dest_ip = 'x' AND timestamp > 5 ORDER BY timestamp DESC", "events_dest_ip"),
    ])
    func queriesOfAViewerUseAnIndex(query: String, index: String) throws {
        let store = try writer()
        let database = try SQLiteConnection(path: path, mode: .readOnly)
        let plan = try database.prepare("EXPLAIN QUERY PLAN SELECT document FROM events \(query) LIMIT 50")
        var text = ""
        while try plan.step() { text += (plan.text(at: 3) ?? "") + "; " }
        #expect(text.contains("INDEX \(index)"))
        #expect(!text.contains("TEMP B-TREE"))
        withExtendedLifetime(store) {}
    }

    @Test(arguments: [
        "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, url TEXT)",
        "CREATE TABLE events (id INTEGER PRIMARY KEY, title TEXT); PRAGMA user_version = 1",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 3",
    ])
    func theFileOfAnotherProgramIsNotTouched(made statements: String) throws {
        try SQLiteConnection(path: path).execute(statements)
        let before = try bytes()
        #expect {
            try writer()
        } throws: {
            "\($0)".contains("\(path) is the SQLite file of another program")
        }
        #expect(try bytes() == before)
        #expect(access(path + "-wal", F_OK) != 0 && access(path + "-shm", F_OK) != 0)
    }

    @Test func aStoreFromBeforeTheMarkGoesOn() throws {
        let first = try DocumentBatch.testing([#"{"a":1}"#])
        _ = try writer().store(first)
        try SQLiteConnection(path: path).execute("DROP VIEW alerts; PRAGMA application_id = 0")
        let second = try DocumentBatch.testing([#"{"a":2}"#], time: 1_769_904_001_000_000_000)
        _ = try writer().store(second)
        #expect(
            try EventStoreReader(path: path, busyTimeoutMilliseconds: 0).events(.init()).map(\.id) == second.ids
                + first.ids)
        let database = try SQLiteConnection(path: path, mode: .readOnly)
        #expect(try database.integer("PRAGMA application_id") == EventStoreSchema.applicationID)
        #expect(try database.integer("SELECT count(*) FROM alerts") == 0)
    }

    @Test func theViewsAnswerWhatPeopleAskFirst() throws {
        let documents = [
            alert("LOW", severity: 3), alert("HIGH", severity: 1), alert("LOW", severity: 3),
            #"{"source":{"ip":"10.0.0.1"},"destination":{"ip":"10.0.0.2"},"network":{"bytes":7},"suricata":{"eve":{"event_type":"flow"}}}"#,
            #"{"source":{"ip":"10.0.0.1"},"destination":{"ip":"10.0.0.2"},"network":{"bytes":8},"suricata":{"eve":{"event_type":"flow"}}}"#,
            #"{"dns":{"question":{"name":"example.org"}},"suricata":{"eve":{"event_type":"dns"}}}"#,
        ]
        _ = try writer().store(.testing(documents))
        let database = try SQLiteConnection(path: path, mode: .readOnly)
        #expect(
            try database.texts("SELECT signature || ' ' || severity FROM alerts ORDER BY 1") == [
                "HIGH 1", "LOW 3", "LOW 3",
            ])
        #expect(try database.texts("SELECT signature || ' ' || alerts FROM rules") == ["LOW 2", "HIGH 1"])
        #expect(
            try database.texts("SELECT src_ip || dest_ip || flows || bytes FROM talkers") == ["10.0.0.110.0.0.2215"])
        #expect(try database.texts("SELECT name || ' ' || lookups FROM names") == ["example.org 1"])
    }

    @Test func aQueryFindsTheNewestFirstAndPageByPage() throws {
        let writer = try writer()
        let documents = (0..<5).map { alert("RULE \($0 % 2)", severity: $0) } + ["{}"]
        let batch = try DocumentBatch.testing(documents)
        _ = try writer.store(batch)
        let reader = try EventStoreReader(path: path, busyTimeoutMilliseconds: 20)
        #expect(try reader.events(EventQuery()).map(\.id) == batch.ids.reversed())

        var query = EventQuery()
        query.limit = 4
        let page = try reader.events(query)
        query.after = page.last?.place
        #expect(try (page + reader.events(query)).map(\.id) == batch.ids.reversed())

        query = EventQuery()
        query.eventTypes = ["alert", "'; DROP TABLE events; --"]
        query.severityMax = 3
        query.signature = "RULE 1"
        query.from = 1_769_904_000_002_000_000
        query.until = 1_769_904_000_005_000_000
        let found = try reader.events(query)
        #expect(found.map(\.id) == [batch.ids[3]])
        #expect(
            found.first?.severity == 3 && found.first?.signature == "RULE 1" && found.first?.document == documents[3])
    }

    @Test func anAddressIsFoundAtEitherEnd() throws {
        let batch = try DocumentBatch.testing([
            #"{"source":{"ip":"10.0.0.1"}}"#, #"{"destination":{"ip":"10.0.0.1"}}"#, #"{"source":{"ip":"10.0.0.2"}}"#,
        ])
        _ = try writer().store(batch)
        var query = EventQuery()
        query.address = "10.0.0.1"
        let reader = try EventStoreReader(path: path, busyTimeoutMilliseconds: 20)
        #expect(try reader.events(query).map(\.id) == [batch.ids[1], batch.ids[0]])
    }

    private func alert(_ signature: String, severity: Int) -> String {
        #"{"suricata":{"signature":"\#(signature)","severity":\#(severity),"eve":{"event_type":"alert"}}}"#
    }

    private func bytes() throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        return Array(buffer[..<fread(&buffer, 1, buffer.count, file)])
    }
}
