import Foundation
import JSON
import OpenSearch
import ServiceTesting
import Settings
import Testing

@testable import ControlPlane

@Suite struct OpenSearchQueryTests {
    @Test(arguments: [
        ("a -is:archived", OpenSearchQuery.Unanswerable.fact(.archived)), ("has:comment", .fact(.comment)),
        ("b OR has:packet", .unsearchable(.packet)),
    ])
    func whatOnlyThisMachineKnowsIsNotAskedOfTheCloud(text: String, reason: OpenSearchQuery.Unanswerable) throws {
        #expect(throws: reason) { try OpenSearchQuery(QueryParser.parse(text, now: 0)) }
    }

    @Test func aQueryBecomesDSL() throws {
        let query = try OpenSearchQuery(QueryParser.parse("dport:[1..1023] -sni:*.tuya.eu", now: 0))
        #expect(
            String(decoding: query.json, as: UTF8.self)
                == #"{"bool":{"filter":[{"range":{"destination.port":{"gte":1,"lte":1023}}},{"bool":{"must_not":"#
                + #"[{"bool":{"should":[{"term":{"tls.client.server_name":{"value":"tuya.eu","case_insensitive":true}}},"#
                + #"{"wildcard":{"tls.client.server_name":{"value":"*.tuya.eu","case_insensitive":true}}}],"#
                + #""minimum_should_match":1}}]}}]}}"#)
    }

    /// Fields that OpenSearch looks into by its own rules: texts are cut into words by its analyzer, objects with any names
    /// are one field, and times have milliseconds.
    private static func isComparable(_ query: Query) -> Bool {
        switch query {
        case .all, .fact, .words: true
        case .and(let queries), .or(let queries): queries.allSatisfy(isComparable)
        case .not(let query): isComparable(query)
        case .field(let field, _):
            field.paths.allSatisfy { path in
                path != "@timestamp" && field.kind != .time
                    && DocumentField.all.contains { $0.name == path && $0.kind != .text && $0.kind != .open }
            }
        }
    }

    @Test(.enabled(if: OpenSearchFixture.home != nil, Comment(rawValue: OpenSearchFixture.absence)))
    func openSearchAnswersAsTheTreeMeans() throws {
        let server = try OpenSearchFixture()
        for object in ManagedObjects.all(OpenSearchSettings()) where object.kind != .lifecyclePolicy {
            try server.call(
                "PUT", "/\(object.kind.rawValue)/\(object.name)", String(decoding: object.json, as: UTF8.self))
        }
        let documents = try Recorded.documents()
        let folder = try TemporaryDirectory("query-dsl")
        func send(_ path: String, _ lines: [String]) throws -> String {
            let file = folder.file("lines")
            try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
            return try server.call("POST", path, "@\(file)")
        }
        for start in stride(from: 0, to: documents.count, by: 500) {
            let lines = (start..<min(start + 500, documents.count)).flatMap {
                ["{\"index\":{\"_id\":\"\($0)\"}}", documents[$0]]
            }
            let answer = try send("/suricata-2026.11.21/_bulk", lines)
            #expect(answer.contains("\"errors\":false"), "\(answer.prefix(2_000))")
        }
        try server.call("POST", "/suricata-*/_refresh")

        var queries = try RandomQueries(documents, seed: 11)
        var asked: [(text: String, query: Query)] = []
        while asked.count < 200 {
            let text = queries.text()
            guard let query = try? QueryParser.parse(text, now: 1_800_000_000_000_000_000), Self.isComparable(query)
            else {
                continue
            }
            asked.append((text, query))
        }
        let searches = try asked.flatMap { _, query in
            let dsl = String(decoding: try OpenSearchQuery(query).json, as: UTF8.self)
            return ["{}", "{\"size\":10000,\"_source\":false,\"query\":\(dsl)}"]
        }
        let answer = try JSONSerialization.jsonObject(with: Data(try send("/suricata-*/_msearch", searches).utf8))
        let responses = try #require((answer as? [String: Any])?["responses"] as? [[String: Any]])
        var found = 0
        for (response, asked) in zip(responses, asked) {
            let hits = (response["hits"] as? [String: Any])?["hits"] as? [[String: Any]]
            guard let hits else {
                Issue.record("\(asked.text): \(response)")
                continue
            }
            let ids = Set(hits.compactMap { ($0["_id"] as? String).flatMap { Int($0) } })
            let meant = try Set(
                documents.indices.filter { index in
                    try Recorded.with(documents[index]) { asked.query.matches($0) { _ in false } }
                })
            found += meant.count
            let difference = ids.symmetricDifference(meant).sorted().prefix(5)
            #expect(
                difference.isEmpty, "\(asked.text): OpenSearch \(ids.count), tree \(meant.count), differ \(difference)")
        }
        #expect(found > 1_000)
    }
}
