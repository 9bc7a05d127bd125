import EventContract
import Files
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

    private func reader() throws -> EventStoreReader {
        try EventStoreReader(path: path, busyTimeoutMilliseconds: 20)
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

    @Test func whatAViewerShowsIsReadFromTheDocument() throws {
        let document = #"""
            {"network":{"transport":"tcp","protocol":"tls"},"rule":{"id":"9000701"},"observer":{"name":"home-box"},
            "suricata":{"eve":{"flow_id":"1607031750240020"}}}
            """#.split(separator: "\n").joined()
        _ = try writer().store(.testing([document, "{}"]))
        let events = try reader().events(EventQuery())
        #expect(events.map(\.transport) == [nil, "tcp"])
        #expect(events.map(\.applicationProtocol) == [nil, "tls"])
        #expect(events.map(\.signatureID) == [nil, 9_000_701])
        #expect(events.map(\.sensor) == [nil, "home-box"])
        #expect(events.map(\.flowID) == [nil, 1_607_031_750_240_020])
    }

    /// Otherwise one document could keep a whole page from being read.
    @Test func sqliteReadsEveryDocumentThatIsTaken() throws {
        let documents = [
            #"{"network":{"transport":"\u0000\ud83d\ude00\ud83d"},"network":{"transport":[]}}"#,
            #"{"network":"text","rule":{"id":{"a":1}},"observer":[],"suricata":{"eve":null}}"#,
            #"{"suricata":{"eve":{"flow_id":1e999}},"rule":{"id":-0.0},"x":123456789012345678901234567890}"#,
            #"{"a":\#(String(repeating: "[", count: 62))\#(String(repeating: "]", count: 62))}"#,
            " { } ",
        ]
        #expect(try writer().store(.testing(documents)) == documents.map { _ in .stored })
        #expect(try reader().events(EventQuery()).map(\.document) == documents.reversed())
    }

    @Test func everyQueryIsAnsweredFromAnIndexWithoutReadingMore() throws {
        let writer = try writer()
        let database = try SQLiteConnection(path: path, mode: .readOnly)
        func plan(_ sql: String, _ values: [SQLiteValue] = []) throws -> [String] {
            let explain = try database.prepare("EXPLAIN QUERY PLAN \(sql)")
            try explain.bind(values)
            var lines: [String] = []
            while try explain.step() { lines.append(explain.text(at: 3) ?? "") }
            return lines
        }
        var query = EventQuery()
        let found = "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)"
        #expect(
            try plan(query.statement.sql).prefix(4)
                == [
                    found, "LIST SUBQUERY 3", "CO-ROUTINE (subquery-1)",
                    "SCAN events USING COVERING INDEX events_timestamp",
                ])
        for types in [["alert"], ["alert", "dns", "tls"]] as [Set<String>] {
            query.eventTypes = types
            query.from = 1
            query.until = 3
            query.after = .init(timestamp: 2, sequence: 1)
            let (sql, values) = query.statement
            let lines = try plan(sql, values)
            #expect(lines.contains(found))
            #expect(
                lines.filter {
                    $0.hasPrefix("SEARCH events USING COVERING INDEX events_event_type (event_type=? AND timestamp>?")
                }.count == types.count)
            #expect(lines.filter { $0.hasPrefix("SCAN events") }.isEmpty)
        }
        withExtendedLifetime(writer) {}
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
        query.from = 1_769_904_000_002_000_000
        query.until = 1_769_904_000_004_000_000
        let found = try reader.events(query)
        #expect(found.map(\.id) == [batch.ids[3], batch.ids[2]])
        #expect(
            found.first?.severity == 3 && found.first?.signature == "RULE 1" && found.first?.document == documents[3])
    }

    @Test func pagesOfSeveralTypesAreInOneOrder() throws {
        let types = ["dns", "flow", "alert", "dns", "flow", "tls", "dns", "alert"]
        let batch = try DocumentBatch.testing(types.map { #"{"suricata":{"eve":{"event_type":"\#($0)"}}}"# })
        _ = try writer().store(batch)
        let reader = try reader()
        var query = EventQuery()
        query.eventTypes = ["dns", "alert"]
        query.limit = 2
        var ids: [String] = []
        while let page = Optional(try reader.events(query)), !page.isEmpty {
            ids += page.map(\.id)
            query.after = page.last?.place
        }
        #expect(ids == [7, 6, 3, 2, 0].map { batch.ids[$0] })
    }

    @Test func theOrderOfStoringIsFollowed() throws {
        let writer = try writer()
        let late = try DocumentBatch.testing([#"{"a":1}"#, #"{"a":2}"#])
        let early = try DocumentBatch.testing([#"{"a":3}"#], time: 1)
        for batch in [late, late, early] { _ = try writer.store(batch) }
        let reader = try reader()
        let all = try reader.stored(after: 0, limit: 10)
        #expect(all.map(\.id) == late.ids + early.ids)
        #expect(try reader.lastStored(limit: 2) == [all[2], all[1]])
        #expect(try reader.lastStored(before: all[1].sequence, limit: 2) == [all[0]])
        #expect(try reader.stored(after: all[1].sequence, limit: 2) == [all[2]])
        #expect(try reader.event(id: early.ids[0]) == all[2])
        #expect(try reader.event(id: "none") == nil)
    }

    /// Whoever follows the store would miss an event with the number of one that was removed.
    @Test func noNumberIsUsedTwice() throws {
        let writer = try writer()
        _ = try writer.store(.testing([#"{"a":1}"#, #"{"a":2}"#]))
        let last = try #require(try reader().lastStored(limit: 1).first).sequence
        #expect(try writer.remove(before: .max, bytesMax: nil, countMax: 10) == 2)
        _ = try writer.store(.testing([#"{"a":3}"#]))
        #expect(try #require(reader().lastStored(limit: 1).first).sequence > last)
        try SQLiteConnection(path: path).execute("VACUUM")
        #expect(try #require(reader().lastStored(limit: 1).first).sequence > last)
    }

    @Test func changesAreNoticed() throws {
        let (writer, reader) = (try writer(), try reader())
        let mark = try reader.changeMark()
        #expect(try reader.changeMark() == mark)
        _ = try writer.store(.testing(["{}"]))
        #expect(try reader.changeMark() != mark)
    }

    @Test func aQueryThatTakesTooLongEnds() throws {
        let documents = Array(repeating: "{}", count: 2_000)
        _ = try writer().store(.testing(documents))
        let reader = try EventStoreReader(path: path, busyTimeoutMilliseconds: 20, queryMillisecondsMax: 0)
        var query = EventQuery()
        query.limit = 1_000
        #expect {
            try reader.events(query)
        } throws: {
            ($0 as? SQLiteError)?.code == .interrupted
        }
    }

    @Test func aFileThatIsNoStoreYetIsTold() throws {
        try SQLiteConnection(path: path).execute("PRAGMA journal_mode = WAL")
        #expect {
            try reader()
        } throws: {
            "\($0)".contains("start opensearch-shipper")
        }
        #expect(throws: FileError.self) { try EventStoreReader(path: path + "x", busyTimeoutMilliseconds: 0) }
    }

    @Test func aReplacedStoreIsReadAnew() throws {
        _ = try writer().store(.testing([#"{"a":1}"#]))
        let reader = try reader()
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        #expect(throws: FileError.self) { try reader.lastStored(limit: 1) }
        _ = try writer().store(.testing([#"{"a":2}"#]))
        #expect(try reader.lastStored(limit: 1).map(\.document) == [#"{"a":2}"#])
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
