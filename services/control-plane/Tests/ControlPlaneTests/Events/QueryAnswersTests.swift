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
