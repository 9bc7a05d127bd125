import EventContract
import EventStore
import Foundation
import Lifecycle
import SQLite
import ServiceTesting
import Testing

@testable import ControlPlane

@Suite struct InboxTests {
    private let fixture: EventFixture
    /// 2026-02-01 00:00 UTC.
    private let start: Int64 = 1_769_904_000_000_000_000

    init() throws {
        fixture = try EventFixture()
    }

    private func alert(_ second: Int, sid: Int = 1, source: String = "10.0.0.1", severity: Int = 2) -> String {
        let time = String(format: "2026-02-01T%02d:%02d:%02d.000000Z", second / 3_600, second / 60 % 60, second % 60)
        return #"{"@timestamp":"\#(time)","source":{"ip":"\#(source)","address":"\#(source)"},"#
            + #""destination":{"ip":"192.0.2.1","address":"192.0.2.1"},"rule":{"id":"\#(sid)","name":"Rule \#(sid)"},"#
            + #""observer":{"name":"pi"},"suricata":{"severity":\#(severity),"signature":"Rule \#(sid)","#
            + #""eve":{"event_type":"alert","alert":{"signature_id":\#(sid)}}}}"#
    }

    private func at(_ second: Int) -> Int64 { start + Int64(second) * 1_000_000_000 }

    private func groups(
        _ state: GroupList.State = .open, _ query: String = "", _ sort: GroupList.Sort = .severity, limit: Int = 100
    ) throws -> [AlertGroup] {
        let query = try QueryParser.parse(query, now: start)
        return try fixture.readers.read { reader in
            let list = GroupList(index: try #require(reader.index()))
            var all: [AlertGroup] = []
            var after: GroupList.Place?
            repeat {
                let page = try list.page(state, query, sort, limit: limit, after: after, reader)
                all += page.groups
                after = page.next
            } while after != nil
            return all
        }
    }

    private func act(
        _ action: Triage.GroupAction, _ groups: [AlertGroup], through: Int64 = .max, by user: String = "ana"
    ) throws -> String? {
        let outcome = try fixture.triage.act(
            action, on: groups, through: through, by: user)
        fixture.indexer.takeOverTriage()
        return outcome?.undo
    }

    @Test func alertsOfOneRuleAndTwoHostsAreAGroup() throws {
        try fixture.store([alert(0), alert(3_600), alert(5, sid: 2, severity: 1), alert(9, source: "10.0.0.2")])
        try fixture.index()
        let groups = try groups()
        #expect(groups.map(\.signature) == ["Rule 2", "Rule 1", "Rule 1"])
        #expect(groups.map(\.total) == [1, 2, 1])
        #expect(groups[1].first == at(0) && groups[1].last == at(3_600))
        try fixture.readers.read { reader in
            let list = GroupList(index: try #require(reader.index()))
            #expect(try list.hours(of: groups[1].number, until: at(3_700)).suffix(3) == [0, 1, 1])
            #expect(try list.openCounts().map(\.count) == [1, 2])
        }
    }

    @Test(arguments: GroupList.Sort.allCases)
    func pagesJoinWithoutGapOrRepetition(sort: GroupList.Sort) throws {
        try fixture.store((0..<57).map { alert($0 / 3, sid: $0 % 19, source: "10.0.0.\($0 % 3)", severity: $0 % 4) })
        try fixture.index()
        let all = try groups(.open, "", sort)
        #expect(all.count > 19)
        #expect(try groups(.open, "", sort, limit: 7).map(\.number) == all.map(\.number))
        let some = all.filter { $0.key.signatureID == 3 }.map(\.number)
        #expect(try groups(.open, "sid:3", sort, limit: 1).map(\.number) == some)
        _ = try act(.archive, all)
        #expect(try groups(.archived, "", sort, limit: 5).map(\.number) == groups(.archived, "", sort).map(\.number))
    }

    @Test func whatIsArchivedComesBackWithItsNextAlert() throws {
        try fixture.store([alert(0), alert(1)])
        try fixture.index()
        let undo = try act(.archive, groups(), through: at(1))
        #expect(try groups().isEmpty)
        #expect(try groups(.archived).map(\.archivedTotal) == [2])

        try fixture.store([alert(2)])
        try fixture.index()
        let open = try groups()
        #expect(open.map(\.total) == [3])
        #expect(open.map(\.archivedTotal) == [2])
        #expect(try fixture.find(QueryParser.parse("is:archived", now: 0)).count == 2)
        #expect(try fixture.find(QueryParser.parse("is:open", now: 0)).count == 1)

        #expect(try fixture.triage.undo(#require(undo), by: "ana") == 1)
        #expect(try fixture.triage.undo(#require(undo), by: "ana") == 0)
        fixture.indexer.takeOverTriage()
        #expect(try groups().map(\.archivedTotal) == [0])
    }

    @Test func nobodyArchivesAlertsThatAreToCome() throws {
        try fixture.store([alert(0)])
        try fixture.index()
        _ = try act(.archive, groups(), through: .max)
        try fixture.store([alert(1)])
        try fixture.index()
        #expect(try groups().map(\.archivedTotal) == [1])
    }

    @Test func undoLeavesWhatOthersHaveDoneSince() throws {
        try fixture.store([alert(0), alert(1, sid: 2)])
        try fixture.index()
        let undo = try act(.archive, groups())
        _ = try act(.escalate, groups(.archived, "sid:1"), by: "ben")
        #expect(try fixture.triage.undo(#require(undo), by: "ana") == 1)
        fixture.indexer.takeOverTriage()
        #expect(try groups().map(\.key.signatureID) == [2])
        #expect(try groups(.escalated).map(\.key.signatureID) == [1])
    }

    @Test func anOldCaptureThatIsForgottenLeavesTheIndex() throws {
        try fixture.store([alert(0), alert(1, sid: 2)])
        try fixture.index()
        try SQLiteConnection(path: fixture.folder.file("events.db")).execute("DELETE FROM events WHERE seq = 2")
        try fixture.index()
        #expect(try groups().count == 2)
        try fixture.store([alert(2, sid: 3)])
        try fixture.index()
        #expect(try groups().count == 3)
    }

    @Test func aBrokenStoreDoesNotTakeTheIndexWithIt() throws {
        try fixture.store([alert(0)])
        try fixture.index()
        try Data(repeating: 0x41, count: 100_000).write(to: URL(fileURLWithPath: fixture.folder.file("events.db")))
        for suffix in ["-wal", "-shm"] { unlink(fixture.folder.file("events.db" + suffix)) }
        let indexer = Indexer(
            path: fixture.folder.file("index.db"), storePath: fixture.folder.file("events.db"), triage: fixture.triage,
            logger: .quiet)
        let stop = StopSignal()
        Thread { indexer.run(until: stop) }.start()
        for _ in 0..<5_000 where indexer.progress.fault == nil { usleep(1_000) }
        stop.stop()
        #expect(indexer.progress.fault != nil)
        #expect(try groups().count == 1)
    }

    @Test func hostsAreOwnOnesOrOthersOrBoth() throws {
        try fixture.store([alert(0)])
        try fixture.index()
        func hosts(own: Bool?) throws -> [String] {
            try fixture.readers.read { reader in
                try HostList(index: #require(reader.index())).hosts(
                    own: own, hours: 24, until: at(0), matching: "", or: [], .alerts, limit: 10
                ).map(\.ip)
            }
        }
        #expect(try hosts(own: true) == ["10.0.0.1"])
        #expect(try hosts(own: false) == ["192.0.2.1"])
        #expect(try Set(hosts(own: nil)) == ["10.0.0.1", "192.0.2.1"])
    }

    @Test func theInboxIsSearchedByAllThatItsAlertsSay() throws {
        let plain = alert(0, sid: 2)
        try fixture.store([
            alert(1).replacingOccurrences(of: #""address":"192.0.2.1"}"#, with: #""address":"192.0.2.1","port":445}"#),
            plain,
        ])
        try fixture.index()
        #expect(try groups(.open, "dport:445").map(\.key.signatureID) == [1])
        #expect(try groups(.open, "-dport:445").map(\.key.signatureID) == [2])
        _ = try act(.escalate, groups(.open, "sid:2"))
        #expect(try groups(.open, "is:escalated").map(\.key.signatureID) == [2])
        #expect(try groups(.open, "has:comment").isEmpty)
        // Also when the alert is no longer there.
        try SQLiteConnection(path: fixture.folder.file("events.db")).execute("DELETE FROM events")
        #expect(try groups(.open, "sid:2").count == 1)
    }

    @Test func aPutBackCopyOfWhatWasDecidedCounts() throws {
        try fixture.store([alert(0), alert(1, sid: 2)])
        try fixture.index()
        _ = try act(.archive, groups(.open, "sid:1"))
        _ = try act(.archive, groups(.open, "sid:2"))
        try SQLiteConnection(path: fixture.folder.file("triage.db")).execute(
            "DELETE FROM group_state WHERE changed = 2; DELETE FROM history WHERE seq = 2")
        fixture.indexer.takeOverTriage()
        #expect(try groups().map(\.key.signatureID) == [2])
        #expect(try groups(.archived).map(\.key.signatureID) == [1])
    }

    @Test func exportsHaveTheirTurns() throws {
        let turns = ExportTurns()
        var turn = turns.take()
        #expect(turn != nil && turns.take() == nil)
        turn = nil
        let next = try #require(turns.take())
        next.end()
        #expect(turns.take() != nil)
        // What has ended does not end the turn of another one.
        let last = turns.take()
        next.end()
        #expect(turns.take() == nil)
        _ = last
    }

    @Test func anotherStoreThatIsLongerIsNoticed() throws {
        try fixture.store([alert(0), alert(1)])
        try fixture.index()
        let path = fixture.folder.file("events.db")
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        let other = try EventStoreWriter(path: path, busyTimeoutMilliseconds: 1_000)
        _ = try other.store(DocumentBatch.testing((0..<3).map { alert($0, sid: 9) }, sensor: "other"))
        #expect(throws: StoreReplaced.self) { try fixture.index() }
    }

    @Test func aRuleThatBecomesAnotherConcernsOnlyWhatComesThen() throws {
        func put(_ query: String, at second: Int) throws {
            _ = try fixture.triage.put(
                Triage.Rule(id: "r", query: query, note: "", expires: nil, user: "ana", time: at(second)),
                record: { _, _ in })
        }
        try put("sid:1", at: 0)
        try put("sid:1", at: 5)
        #expect(try fixture.triage.rules().map(\.time) == [at(0)])
        try put("sid:2", at: 9)
        #expect(try fixture.triage.rules().map(\.time) == [at(9)])
    }

    @Test func theInboxGoesOnWhereTheTimeOfASearchWasOver() throws {
        try fixture.store(together: (0..<600).map { alert($0, sid: $0) })
        try fixture.index()
        let query = try QueryParser.parse("sid:7", now: start)
        let (found, pages) = try fixture.readers.read { reader in
            let list = GroupList(index: try #require(reader.index()))
            var (found, pages) = (0, 0)
            var after: GroupList.Place?
            repeat {
                let page = try list.page(
                    .open, query, .newest, limit: 5, after: after, reader, deadline: .milliseconds(0))
                found += page.groups.count
                pages += 1
                after = page.next
            } while after != nil && pages < 1_000
            return (found, pages)
        }
        #expect(found == 1)
        #expect((2..<1_000).contains(pages))
    }

    @Test func decisionsOutliveTheIndex() throws {
        try fixture.store([alert(0), alert(1, sid: 2), alert(2, sid: 3)])
        try fixture.index()
        _ = try act(.archive, groups(.open, "sid:1"))
        _ = try act(.escalate, groups(.open, "sid:2"))
        let before = try [groups(), groups(.archived), groups(.escalated)].map { $0.map(\.number) }
        #expect(before.map(\.count) == [2, 1, 1])
        try FileManager.default.removeItem(atPath: fixture.folder.file("index.db"))
        try fixture.index()
        #expect(try [groups(), groups(.archived), groups(.escalated)].map { $0.map(\.number) } == before)
    }

    @Test func aBrokenIndexIsBuiltAnew() throws {
        try fixture.store([alert(0)])
        try Data(repeating: 0x41, count: 100_000).write(to: URL(fileURLWithPath: fixture.folder.file("index.db")))
        try fixture.index()
        #expect(try groups().count == 1)
    }

    @Test func aRuleArchivesNewAlerts() throws {
        let rule = Triage.Rule(
            id: "r", query: "sid:1 src:10.0.0.1", note: "", expires: at(100), user: "ana", time: at(10))
        #expect(try fixture.triage.put(rule, record: { _, _ in }))
        try fixture.store([alert(11), alert(12, source: "10.0.0.2")])
        try fixture.index()
        #expect(try groups().map(\.key.sourceIP) == ["10.0.0.2"])
        #expect(try fixture.triage.rules().map(\.hits) == [1])
        #expect(try fixture.find(QueryParser.parse("is:archived", now: 0)).count == 1)
        // After its end it is not in force any more.
        try fixture.store([alert(200)])
        try fixture.index()
        #expect(try groups().map(\.total).sorted() == [1, 2])
        #expect(try fixture.triage.removeRule("r", record: { _, _ in }))
        #expect(try !fixture.triage.removeRule("r", record: { _, _ in }))
    }

    @Test func whatARuleHasArchivedStaysSoAfterItsEnd() throws {
        func put(_ query: String, at second: Int) throws {
            let rule = Triage.Rule(id: "r", query: query, note: "", expires: nil, user: "ana", time: at(second))
            #expect(try fixture.triage.put(rule, record: { _, _ in }))
        }
        func isArchived() throws -> [Int64] { try groups(.archived).map(\.key.signatureID).sorted() }
        try put("sid:1", at: 0)
        try fixture.store([alert(1, sid: 1)])
        try fixture.index()
        try put("sid:2", at: 10)
        try fixture.store([alert(11, sid: 1), alert(11, sid: 2), alert(11, sid: 3)])
        try fixture.index()
        #expect(try fixture.triage.removeRule("r", at: at(20), record: { _, _ in }))
        try fixture.store([alert(21, sid: 2, source: "10.0.0.9")])
        try fixture.index()
        let before = try (groups(), groups(.archived))
        #expect(before.0.count == 3 && before.1.map(\.key.signatureID) == [2])
        try FileManager.default.removeItem(atPath: fixture.folder.file("index.db"))
        try fixture.index()
        #expect(try groups().map(\.number) == before.0.map(\.number))
        #expect(try groups(.archived).map(\.number) == before.1.map(\.number))
        #expect(try fixture.find(QueryParser.parse("is:archived", now: 0)).count == 2)
        // What no event is left of is forgotten.
        try fixture.triage.cleanUp(eventsFrom: at(30))
        #expect(try fixture.triage.connection.withLock { try $0.integer("SELECT count(*) FROM ended_rules") } == 0)
    }

    @Test func hitsAreCountedOnceHoweverOftenTheIndexIsMade() throws {
        let rule = Triage.Rule(id: "r", query: "sid:1", note: "", expires: nil, user: "ana", time: at(0))
        #expect(try fixture.triage.put(rule, record: { _, _ in }))
        try fixture.store([alert(1), alert(2)])
        try fixture.index()
        try FileManager.default.removeItem(atPath: fixture.folder.file("index.db"))
        try fixture.store([alert(3)])
        try fixture.index()
        #expect(try fixture.triage.rules().map(\.hits) == [3])
        // Of another store they are others.
        for name in ["index.db", "events.db", "events.db-wal", "events.db-shm"] { unlink(fixture.folder.file(name)) }
        let other = try EventStoreWriter(path: fixture.folder.file("events.db"), busyTimeoutMilliseconds: 1_000)
        _ = try other.store(DocumentBatch.testing([alert(5, sid: 3), alert(6), alert(7), alert(8)], sensor: "other"))
        try fixture.index()
        #expect(try fixture.triage.rules().map(\.hits) == [6])
    }

    @Test func anAlertThatComesLateIsSeen() throws {
        try fixture.store([alert(5), alert(9)])
        try fixture.index()
        _ = try act(.archive, groups(), through: at(9))
        try fixture.store([alert(7)])
        for _ in 0..<2 {
            try fixture.index()
            #expect(try groups().map { $0.total - $0.archivedTotal } == [1])
            #expect(try fixture.find(QueryParser.parse("is:open", now: 0)).count == 1)
            try FileManager.default.removeItem(atPath: fixture.folder.file("index.db"))
        }
        try fixture.index()
        let undo = try act(.archive, groups(), through: at(9))
        #expect(try groups().isEmpty)
        #expect(try fixture.triage.undo(#require(undo), by: "ana") == 1)
        fixture.indexer.takeOverTriage()
        #expect(try groups().count == 1)
    }

    @Test func namesAreLearned() throws {
        try fixture.store([
            #"{"@timestamp":"2026-02-01T00:00:00.000000Z","dns":{"question":{"name":"a.example"},"#
                + #""resolved_ip":["192.0.2.7"]},"suricata":{"eve":{"event_type":"dns"}}}"#,
            #"{"@timestamp":"2026-02-01T00:00:01.000000Z","suricata":{"eve":{"event_type":"dhcp","#
                + #""dhcp":{"assigned_ip":"10.0.0.9","hostname":"tv"}}}}"#,
        ])
        try fixture.index()
        let names = try fixture.readers.read {
            [$0.name(of: "192.0.2.7"), $0.name(of: "10.0.0.9"), $0.name(of: "10.0.0.8")]
        }
        #expect(names == ["a.example", "tv", nil])
    }
}
