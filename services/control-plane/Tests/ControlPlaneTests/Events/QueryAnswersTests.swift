import EventStore
import Foundation
import JSON
import Networks
import SQLite
import Testing

@testable import ControlPlane

/// What a query finds by index and store is what it means.
@Suite struct QueryAnswersTests {
    @Test(arguments: [1, 2, 3])
    func theFilesAnswerAsTheTreeMeans(seed: UInt64) throws {
        let fixture = try EventFixture()
        let documents = try Recorded.documents()
        let half = documents.count / 2
        var ids = try fixture.store(Array(documents[..<half]))
        try fixture.index()
        // The other half is only in the store.
        ids += try fixture.store(Array(documents[half...]))
        var queries = try RandomQueries(documents, seed: seed)
        var found = 0
        var asked = 0
        while asked < 150 {
            let text = queries.text()
            guard let query = try? QueryParser.parse(text, now: 1_800_000_000_000_000_000) else { continue }
            asked += 1
            let meant = try zip(documents, ids).filter { document, _ in
                try Recorded.with(document) { query.matches($0) { _ in false } }
            }.map(\.1)
            found += meant.count
            #expect(try fixture.find(query) == meant.reversed(), "\(text): \(QueryPlan(query))")
        }
        #expect(found > 500)
    }

    /// Nothing is found before the time is over, and still it is told where to go on.
    @Test func aSearchInVainGoesOnWhereItsTimeWasOver() throws {
        let fixture = try EventFixture()
        try fixture.store([Self.dns(port: 53, "other")])
        try SQLiteConnection(path: fixture.folder.file("events.db")).execute(
            "UPDATE sqlite_sequence SET seq = \(EventIndexFile.eventsPerTable)")
        try fixture.store([Self.dns(port: 53, "other")])
        try fixture.index()
        let query = try QueryParser.parse("tuya", now: 0)
        let outcomes = try fixture.readers.read { reader in
            try [Int64.max, EventIndexFile.eventsPerTable + 1].map { before in
                try reader.find(query, in: EventReader.Window(before: before), deadline: .milliseconds(0)) { _, _ in
                    true
                }
            }
        }
        #expect(outcomes.map(\.isComplete) == [false, true])
        #expect(outcomes[0].last == EventIndexFile.eventsPerTable + 1)
    }

    /// Whoever goes from event to event sees the same ones as the lists have.
    @Test func canariesAreNoNeighbours() throws {
        let fixture = try EventFixture()
        let canary = #"{"@timestamp":"2026-02-01T00:00:00.000Z","suricata":{"eve":{"event_type":"canary"}}}"#
        let ids = try fixture.store([canary, Self.dns(port: 53, "a"), canary, canary, Self.dns(port: 53, "b"), canary])
        let (first, second) = try fixture.readers.read { reader in
            (try EventPage.stored(ids[1], reader), try EventPage.stored(ids[4], reader))
        }
        let neighbours = try [#require(first), #require(second)].map { page in
            let text = String(decoding: JSONWriter.object { page.writeMembers(to: &$0) }, as: UTF8.self)
            return try Recorded.with(text) { [$0["older"]?.string, $0["newer"]?.string] }
        }
        #expect(neighbours == [[nil, ids[4]], [ids[1], nil]])
    }

    @Test(arguments: ["192.168.0.0/16", "192.168.77.0/24", "10.0.0.0/8", "192.168.76.0/23", "2001:db8::/32"])
    func anAddressIsFoundByItsNetworks(network: String) throws {
        let fixture = try EventFixture()
        let addresses = ["192.168.77.5", "192.168.7.7", "10.1.2.3", "110.1.2.3", "2001:db8::1", "2001:db80::1"]
        let ids = try fixture.store(
            addresses.map { #"{"source":{"ip":"\#($0)","address":"\#($0)"},"suricata":{"eve":{"event_type":"flow"}}}"# }
        )
        try fixture.index()
        let query = try QueryParser.parse("src:\(network)", now: 0)
        let meant = try #require(QueryNetwork(network)).network
        let isMeant = addresses.map {
            Array($0.utf8).withUnsafeBytes { IPAddress(text: $0) }.map(meant.contains) ?? false
        }
        #expect(isMeant.contains(true))
        #expect(QueryPlan(query).match != nil)
        #expect(try fixture.find(query) == zip(ids, isMeant).filter(\.1).map(\.0).reversed())
    }

    /// By pages each of which has no time at all.
    @Test(arguments: [("-sport:53", false), ("-sport:53", true), ("type:dns -sport:53", false), ("tuya", true)])
    func aSearchGoesOnWhereItsTimeWasOver(text: String, isIndexed: Bool) throws {
        let fixture = try EventFixture()
        let (rare, frequent) = (Self.dns(port: 7, "tuya"), Self.dns(port: 53, "other"))
        try fixture.store(together: [rare] + Array(repeating: frequent, count: 4_999))
        if isIndexed { try fixture.index() }
        let query = try QueryParser.parse(text, now: 0)
        let (found, pages) = try fixture.readers.read { reader in
            var window = EventReader.Window()
            var (found, pages) = (0, 0)
            while pages < 10_000 {
                pages += 1
                let outcome = try reader.find(query, in: window, deadline: .milliseconds(0)) { _, _ in
                    found += 1
                    return true
                }
                if outcome.isComplete { break }
                guard let last = outcome.last, last < window.before, outcome.lastTime != nil else { break }
                window.before = last
            }
            return (found, pages)
        }
        #expect(found == 1)
        // Only an index of words leads straight to the event.
        #expect(pages < 10_000)
        #expect(pages > 2 || isIndexed && text == "tuya")
    }

    private static func dns(port: Int, _ name: String) -> String {
        #"{"@timestamp":"2026-02-01T00:00:00.000000Z","source":{"ip":"10.0.0.1","port":\#(port)},"#
            + #""dns":{"question":{"name":"\#(name)"}},"suricata":{"eve":{"event_type":"dns"}}}"#
    }

    @Test(arguments: ["", "broken"])
    func aBrokenIndexOnlyMakesSearchesSlow(content: String) throws {
        let fixture = try EventFixture()
        let ids = try fixture.store([Self.dns(port: 7, "tuya")])
        let index = fixture.folder.file("index.db")
        try Data(String(repeating: content, count: 10_000).utf8).write(to: URL(fileURLWithPath: index))
        #expect(try fixture.find(QueryParser.parse("tuya", now: 0)) == ids)
        try fixture.index()
        #expect(try fixture.find(QueryParser.parse("tuya", now: 0)) == ids)
    }

    @Test func brokenWordsOfTheIndexAreRemovedAndTheStoreIsSearched() throws {
        let fixture = try EventFixture()
        let ids = try fixture.store([Self.dns(port: 7, "tuya")])
        try fixture.index()
        try SQLiteConnection(path: fixture.folder.file("index.db")).execute("DELETE FROM terms_0_data WHERE id > 10")
        #expect(try fixture.find(QueryParser.parse("tuya", now: 0)) == ids)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.file("index.db")))
        try fixture.index()
        #expect(try fixture.find(QueryParser.parse("tuya", now: 0)) == ids)
    }

    @Test func rangesOfTimeMayBeOfAnyLength() throws {
        for (from, until) in [(Int64.min, Int64.max), (-5_000_000_000_000_000_000, 1_800_000_000_000_000_000)] {
            let histogram = Histogram(from: Histogram.nearest(from), until: Histogram.nearest(until), bucketsMax: 1)
            #expect(histogram.bucketCount <= 2)
        }
    }

    @Test func noCellIsAFormula() {
        for text in ["=1", "=\u{301}1", "-\u{301}1", "\n=1"] { #expect(EventExport.cell(text).contains("'")) }
        #expect(EventExport.cell("a=1") == "a=1")
    }

    @Test func wordsAreFoundWhole() throws {
        let fixture = try EventFixture()
        let document =
            #"{"@timestamp":"2026-02-01T00:00:00.000000Z","dns":{"question":{"name":"api.Tuya.eu"}},"#
            + #""user_agent":{"original":"curl/7.88.1 (übel)."},"source":{"ip":"2001:db8::1","address":"2001:db8::1"},"#
            + #""suricata":{"eve":{"event_type":"dns"}}}"#
        try fixture.store([document])
        try fixture.index()
        func isFound(_ text: String) throws -> Bool { try !fixture.find(QueryParser.parse(text, now: 0)).isEmpty }
        for text in [
            "tuya.eu", "API.TUYA.EU", "eu", "api*", "api.tuya*", "curl", "7.88.1", "übel", "\"curl/7.88.1 (übel)\"",
            "ip:2001:db8::/32", "2001:0db8:0:0:0:0:0:1", "dns:*.tuya.eu", "dns:*.api.tuya.eu", "has:ua",
        ] {
            #expect(try isFound(text), "\(text)")
        }
        for text in ["uya.eu", "tuya", "pi*", "bel", "ip:2001:db9::/32", "dns:*.uya.eu", "dns:tuya.eu", "has:sni"] {
            #expect(try !isFound(text), "\(text)")
        }
    }
}
