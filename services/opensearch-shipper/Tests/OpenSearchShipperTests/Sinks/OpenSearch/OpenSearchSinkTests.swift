import EventContract
import Foundation
import Lifecycle
import OpenSearch
import Pipeline
import ServiceTesting
import Settings
import Testing

@testable import OpenSearchShipper

/// The sink against a real OpenSearch, each test with indexes of its own.
@Suite(.serialized, .enabled(if: OpenSearchFixture.home != nil, Comment(rawValue: OpenSearchFixture.absence)))
struct OpenSearchSinkTests {
    /// One server for the tests that do not need a particular one: its start takes seconds.
    private static let shared = Result { try OpenSearchFixture() }

    private func sink(
        _ server: OpenSearchFixture, prefix: String, metrics: ShipperMetrics = .testing(),
        _ change: (inout OpenSearchSettings) -> Void = { _ in }
    ) throws -> OpenSearchSink {
        var settings = OpenSearchSettings()
        settings.endpoint = server.url
        settings.indexPrefix = prefix
        settings.requestTimeoutMilliseconds = 30_000
        settings.requestsInFlight = 4
        settings.indexDaysBack = 36_500
        change(&settings)
        return try OpenSearchSink(
            settings, backoff: .testing, version: "1", logger: .testing, metrics: metrics)
    }

    private func documents(_ count: Int) -> [String] { (0..<count).map { SinkConformance.document($0) } }

    @Test(arguments: SinkConformance.Check.allCases, OpenSearchSettings.Mode.allCases)
    func conforms(check: SinkConformance.Check, mode: OpenSearchSettings.Mode) throws {
        let server = try Self.shared.get()
        let prefix = "conform-\(mode)-" + check.rawValue.lowercased()
        let blocks = { (isBlocked: Bool) in
            let value = isBlocked ? "true" : "null"
            return try server.call(
                "PUT", "/_cluster/settings", #"{"transient":{"cluster.blocks.read_only":\#(value)}}"#)
        }
        try SinkConformance(
            makeSink: { try sink(server, prefix: prefix) { $0.mode = mode } },
            storedIDs: { try server.ids(in: mode == .index ? prefix + "-*" : prefix) },
            poison: #"{"@timestamp":"2026-02-01T00:00:00Z","source":"an object is expected here"}"#,
            interrupt: { _ = try blocks(true) }, resume: { _ = try blocks(false) }
        ).run(check)
    }

    @Test(arguments: [false, true])
    func documentsAreFoundByTheirFields(usesGzip: Bool) throws {
        let server = try Self.shared.get()
        let prefix = "fields-\(usesGzip)"
        let sink = try sink(server, prefix: prefix) { $0.usesGzip = usesGzip }
        let eve = #"{"event_type":"alert","flow_id":"1234567890123456789","unknown":{"a.b":[1,{"c":null}]}}"#
        let batch = try DocumentBatch.testing(documents(3) + [SinkConformance.document(77, eve: eve)], sensor: prefix)
        sink.submit(batch, ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[4, 0, 0]])
        #expect(try server.ids(in: prefix + "-2026.02.01") == Set(batch.ids))

        let query = #"""
            {"query":{"bool":{"filter":[{"term":{"source.ip":"192.0.2.0/24"}},{"range":{"source.port":{"gte":70}}},
            {"term":{"suricata.signature":"TEST 7"}},{"range":{"@timestamp":{"gte":"2026-02-01","lt":"2026-02-02"}}}]}}}
            """#
        let answer = try server.call("POST", "/\(prefix)-*/_search", query)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
        let hits = try #require((object["hits"] as? [String: Any])?["hits"] as? [[String: Any]])
        #expect(hits.map { $0["_id"] as? String } == [batch.ids[3]])
        #expect(answer.contains(eve))
    }

    /// Nothing that Suricata or an attacker writes may make OpenSearch refuse a document or grow its mapping.
    @Test func unusualDocumentsAreAllTaken() throws {
        let server = try Self.shared.get()
        let sink = try sink(server, prefix: "unusual")
        func nested(_ depth: Int, _ name: String) -> String {
            String(repeating: "{\"\(name)\":", count: depth) + "1" + String(repeating: "}", count: depth)
        }
        let manyKeys = "{" + (0..<50_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
        let documents = [
            SinkConformance.document(1, eve: nested(90, "deep")), SinkConformance.document(2, eve: manyKeys),
            SinkConformance.document(3, eve: #"{"payload":"\#(String(repeating: "A", count: 15 << 20))"}"#),
            SinkConformance.document(4, eve: #"{"n":123456789012345678901234567890,"e":1e999,"s":-0.0}"#),
            SinkConformance.document(5, eve: #"{"":1,"a.b":2,"a":{"b":3},".":4,"..":5," ":6}"#),
            #"{"unknown":\#(nested(60, "x")),"other":[[[1]]],"dns":{"answers":[{"ttl":1}]}}"#,
            #"{"@timestamp":"x","source":{"ip":"not an address","port":"http"},"event":{"severity":"high"}}"#,
            #"{"url":{"original":"\#(String(repeating: "ü", count: 40_000))"}}"#,
        ]
        let batch = try DocumentBatch.testing(documents, sensor: "unusual")
        sink.submit(batch, ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == [documents.count, 0, 0], "\(report.rejections)")
        let mapping = try server.call("GET", "/unusual-*/_mapping")
        #expect(!mapping.contains("unknown") && !mapping.contains("key1"))
        #expect(mapping.contains(#""deep":{"type":"flat_object"}"#))
    }

    @Test func theTemplatesArePutOnceAndANewerOneIsLeft() throws {
        let server = try Self.shared.get()
        try sink(server, prefix: "versions").run { $0 == .ready }
        let path = "/_index_template/ids-suite-versions"
        let ours = #""managed_by":"opensearch-shipper""#
        #expect(try server.call("GET", path).contains(ours))
        for part in ["settings", "ecs", "suricata"] {
            #expect(try server.call("GET", "/_component_template/ids-suite-versions-\(part)").contains(ours))
        }
        let newer = #"{"index_patterns":["versions-*"],"priority":150,"_meta":{"version":99}}"#
        try server.call("PUT", path, newer)
        try sink(server, prefix: "versions").run { $0 == .ready }
        #expect(try server.call("GET", path).contains(#""version":99"#))
        let older = #"{"index_patterns":["versions-*"],"priority":150,"_meta":{"version":1}}"#
        try server.call("PUT", path, older)
        try sink(server, prefix: "versions").run { $0 == .ready }
        #expect(try server.call("GET", path).contains(ours))
    }

    /// New settings replace the policy, by the revision that was looked up.
    @Test func thePolicyFollowsTheSettings() throws {
        let server = try Self.shared.get()
        for days in [30, 60, 0] {
            try sink(server, prefix: "days") { $0.deleteAfterDays = days }.run { $0 == .ready }
            let policy = try server.call("GET", "/_plugins/_ism/policies/ids-suite-days")
            #expect(policy.contains(#""min_index_age":"\#(days)d""#) == (days > 0), "\(policy)")
            #expect(policy.contains(#""name":"delete""#) == (days > 0))
        }
    }

    private static func previewPath(_ index: String) -> String {
        IndexPreview.request(about: index, to: OpenSearchEndpoint("")).head.target
    }

    @Test func aDataStreamTakesTheSameTemplates() throws {
        let server = try Self.shared.get()
        let sink = try sink(server, prefix: "stream") { $0.mode = .datastream }
        let batch = try DocumentBatch.testing(documents(4), sensor: "stream")
        sink.submit(batch, ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[4, 0, 0]])
        sink.submit(batch, ticket: 2)
        #expect(try sink.reports().map(\.counts) == [[0, 4, 0]])
        #expect(try server.ids(in: "stream") == Set(batch.ids))
        #expect(try server.call("GET", "/_data_stream/stream").contains(".ds-stream-000001"))
        // Of a stream that is there OpenSearch does not say what its next index will be, and that is no trouble.
        let answer = Array(try server.call("POST", Self.previewPath("stream")).utf8)
        #expect(IndexPreview.finding(.success(.init(.internalServerError, body: answer))) == .streamExists)
    }

    /// Of a batch that may be there, a data stream with several backing indexes gets what none of them has.
    @Test func whatAnOlderBackingIndexHasIsNotDoubled() throws {
        let server = try Self.shared.get()
        let metrics = ShipperMetrics.testing()
        let sink = try sink(server, prefix: "rolled", metrics: metrics) { $0.mode = .datastream }
        let count = PresenceQuestion.idsMax + 500
        let batch = { (count: Int) in
            try DocumentBatch.testing((0..<count).map { #"{"@timestamp":"2026-02-01","n":\#($0)}"# }, sensor: "rolled")
        }
        for (ticket, part) in [10, 700, 710, count].enumerated() {
            sink.submit(
                try batch(part), ticket: UInt64(ticket), uncertainSince: MonotonicClock.nanoseconds())
            let before = [0, 10, 700, 710][ticket]
            #expect(try sink.reports().map(\.counts) == [[part - before, before, 0]])
            try server.call("POST", "/rolled/_rollover")
        }
        try server.call("POST", "/rolled/_refresh")
        #expect(try server.call("GET", "/rolled/_count?filter_path=count") == #"{"count":\#(count)}"#)
        #expect(metrics.requestsFailed.value == 0)
    }

    @Test func aConflictingTemplateIsToldAndWaitedFor() throws {
        let server = try Self.shared.get()
        let path = "/_index_template/somebody-elses"
        try server.call("PUT", path, #"{"index_patterns":["conflict-*"],"priority":158}"#)
        let sink = try sink(server, prefix: "conflict")
        #expect(try sink.trouble().contains("somebody-elses"))
        try server.call("DELETE", path)
        try sink.run { $0 == .ready }
    }

    /// Whatever is wrong with the index of the day, its documents wait, and the way out is named.
    @Test(arguments: [
        ("closed", "/_close", "/_open", "open it"),
        (
            "pipelines", #"/_settings {"index.default_pipeline":"nope"}"#,
            #"/_settings {"index.default_pipeline":null}"#, "make that pipeline"
        ),
        (
            "read-only", #"/_settings {"index.blocks.read_only":true}"#, #"/_settings {"index.blocks.read_only":null}"#,
            "index.blocks.read_only to null"
        ),
    ])
    func aMisconfiguredIndexIsWaitedFor(prefix: String, fault: String, cure: String, remedy: String) throws {
        let server = try Self.shared.get()
        let sink = try sink(server, prefix: prefix)
        sink.submit(try DocumentBatch.testing(documents(1), sensor: "a"), ticket: 1)
        _ = try sink.reports()
        func change(_ words: String) throws -> String {
            let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
            return try server.call(
                parts.count > 1 ? "PUT" : "POST", "/\(prefix)-2026.02.01" + parts[0], parts.count > 1 ? parts[1] : nil)
        }
        #expect(try change(fault).contains(#""acknowledged":true"#))
        sink.submit(try DocumentBatch.testing(documents(5), sensor: "b"), ticket: 2)
        #expect(try sink.trouble().contains(remedy))
        #expect(try change(cure).contains(#""acknowledged":true"#))
        #expect(try sink.reports().map(\.counts) == [[5, 0, 0]])
        #expect(sink.health == .ready)
    }

    @Test func anAliasWithoutAWriteIndexIsWaitedFor() throws {
        let server = try Self.shared.get()
        for name in ["one", "two"] {
            try server.call("PUT", "/behind-\(name)", #"{"aliases":{"aliased-2026.02.01":{}}}"#)
        }
        let sink = try sink(server, prefix: "aliased")
        sink.submit(try DocumentBatch.testing(documents(3)), ticket: 1)
        #expect(try sink.trouble().contains("is_write_index"))
        let alias = #"{"index":"behind-one","alias":"aliased-2026.02.01","is_write_index":true}"#
        try server.call("POST", "/_aliases", #"{"actions":[{"add":\#(alias)}]}"#)
        #expect(try sink.reports().map(\.counts) == [[3, 0, 0]])
    }

    /// A template of somebody else's that refuses every field: the documents wait until the index is made by ours.
    @Test func aForeignTemplateIsSeenAndWaitedFor() throws {
        let server = try Self.shared.get()
        let foreign = "/_index_template/foreign-strict"
        func finding() throws -> IndexPreview.Finding {
            let answer = try server.call("POST", Self.previewPath("foreign-2026.02.02"))
            return IndexPreview.finding(.success(.init(.ok, body: Array(answer.utf8))))
        }
        #expect(try finding() == .foreign("no template is for it"))
        try server.call(
            "PUT", foreign,
            #"{"index_patterns":["foreign-*"],"priority":500,"template":{"mappings":{"dynamic":"strict"}}}"#)
        let sink = try sink(server, prefix: "foreign")
        sink.submit(try DocumentBatch.testing(documents(3)), ticket: 1)
        #expect(try sink.trouble().contains("strict_dynamic_mapping_exception"))
        guard case .foreign(let how) = try finding() else {
            Issue.record("a foreign template expected, not \(try finding())")
            return
        }
        #expect(how.hasPrefix("dynamic is strict instead of false"))
        try server.call("DELETE", foreign)
        try server.call("DELETE", "/foreign-2026.02.01")
        #expect(try sink.reports().map(\.counts) == [[3, 0, 0]])
        #expect(try finding() == .ours)

        // One that only gives a field another type, and one that adds to ours.
        let parts = ["settings", "ecs", "suricata"].map { #""ids-suite-foreign-\#($0)""# }.joined(separator: ",")
        let put = { (properties: String) in
            let mappings = #"{"mappings":{"properties":{\#(properties)}}}"#
            try server.call(
                "PUT", foreign,
                #"{"index_patterns":["foreign-*"],"priority":500,"composed_of":[\#(parts)],"template":\#(mappings)}"#)
        }
        _ = try put(#""source":{"properties":{"ip":{"type":"text"}}}"#)
        #expect(try finding() == .foreign("source.ip is text instead of ip"))
        _ = try put(#""our_own":{"type":"keyword"}"#)
        #expect(try finding() == .ours)
    }

    @Test func aReadOnlyIndexIsWaitedFor() throws {
        let server = try Self.shared.get()
        let sink = try sink(server, prefix: "flood")
        sink.submit(try DocumentBatch.testing(documents(1), sensor: "a"), ticket: 1)
        _ = try sink.reports()
        let block = { (value: String) in
            try server.call("PUT", "/flood-*/_settings", #"{"index.blocks.read_only_allow_delete":\#(value)}"#)
        }
        _ = try block("true")
        sink.submit(try DocumentBatch.testing(documents(5), sensor: "b"), ticket: 2)
        #expect(try sink.trouble().contains("free space"))
        _ = try block("null")
        #expect(try sink.reports().map(\.counts) == [[5, 0, 0]])
        #expect(sink.health == .ready)
    }

    @Test func aMissingIndexThatMayNotBeCreatedIsWaitedFor() throws {
        let server = try Self.shared.get()
        let mayCreate = { (value: String) in
            try server.call("PUT", "/_cluster/settings", #"{"transient":{"action.auto_create_index":\#(value)}}"#)
        }
        _ = try mayCreate(#""false""#)
        let sink = try sink(server, prefix: "missing")
        sink.submit(try DocumentBatch.testing(documents(2)), ticket: 1)
        #expect(try sink.trouble().contains("action.auto_create_index"))
        _ = try mayCreate("null")
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
    }

    @Test func theLimitOfShardsIsWaitedFor() throws {
        let server = try Self.shared.get()
        let limit = { (value: String) in
            try server.call("PUT", "/_cluster/settings", #"{"transient":{"cluster.max_shards_per_node":\#(value)}}"#)
        }
        _ = try limit("1")
        let sink = try sink(server, prefix: "shards")
        sink.submit(try DocumentBatch.testing(documents(2)), ticket: 1)
        #expect(try sink.trouble().contains("cluster.max_shards_per_node"))
        _ = try limit("null")
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
    }

    @Test func aWrongPathIsWaitedFor() throws {
        let server = try Self.shared.get()
        let sink = try sink(server, prefix: "path") { $0.endpoint += "/no/such/path/" }
        sink.submit(try DocumentBatch.testing(documents(1)), ticket: 1)
        #expect(try sink.trouble().contains("opensearch.endpoint"))
    }

    /// TLS with an authority of its own, users, and a small bound on the size of requests: one server for all of it.
    @Test func withTLSUsersAndSmallRequests() throws {
        let server = try OpenSearchFixture(secure: true, options: ["-Ehttp.max_content_length=1mb"])
        func secured(_ prefix: String, user: String = "admin", password: String = "admin", ca: Bool = true) throws
            -> OpenSearchSink
        {
            try self.sink(server, prefix: prefix) {
                $0.username = user
                $0.password = .init(password)
                $0.caFile = ca ? server.folder + "/config/ca.pem" : nil
            }
        }
        let untrusting = try secured("a", ca: false)
        #expect(try untrusting.trouble().contains("certificate"))
        let stranger = try secured("a", password: "wrong")
        #expect(try stranger.trouble().contains("opensearch.auth"))

        let filler = String(repeating: "x", count: 100_000)
        let large = (0..<30).map { SinkConformance.document($0, filler: filler) }
        let tooLarge = SinkConformance.document(5, filler: String(repeating: "x", count: 2 << 20))
        let batch = try DocumentBatch.testing(large + [tooLarge], sensor: "large")
        let sink = try secured("a")
        sink.submit(batch, ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == [30, 0, 1])
        #expect(report.rejections.first?.item == 30)
        #expect(report.rejections.first?.type == "request_too_large")
        #expect(try server.ids(in: "a-*") == Set(batch.ids.dropLast()))

        // A user who may write some indexes and manage templates, and no others.
        let allow = { (indexes: String) in
            try server.call(
                "PUT", "/_plugins/_security/api/roles/narrow",
                """
                {"cluster_permissions":["cluster_composite_ops","indices:admin/index_template/*",\
                "cluster:admin/component_template/*"],\
                "index_permissions":[{"index_patterns":["\(indexes)"],"allowed_actions":["indices_all"]}]}
                """)
        }
        _ = try allow("mine-*")
        try server.call("PUT", "/_plugins/_security/api/internalusers/narrow", #"{"password":"few-Rights-1234"}"#)
        try server.call("PUT", "/_plugins/_security/api/rolesmapping/narrow", #"{"users":["narrow"]}"#)
        let narrow = try secured("theirs", user: "narrow", password: "few-Rights-1234")
        narrow.submit(try DocumentBatch.testing(documents(3), sensor: "narrow"), ticket: 2)
        let trouble = try narrow.trouble()
        #expect(trouble.contains("security_exception"), "\(trouble)")
        _ = try allow("*")
        #expect(try narrow.reports().map(\.counts) == [[3, 0, 0]])
    }

    /// A server that takes no bulk request with the name of an index in it: one request a pause, and no dead letter.
    @Test func aServerThatTakesNoNamesOfIndexesIsWaitedFor() throws {
        let server = try OpenSearchFixture(options: ["-Erest.action.multi.allow_explicit_index=false"])
        let metrics = ShipperMetrics.testing()
        let sink = try sink(server, prefix: "names", metrics: metrics)
        sink.submit(try DocumentBatch.testing(documents(500)), ticket: 1)
        #expect(try sink.trouble().contains("rest.action.multi.allow_explicit_index to true"))
        let end = MonotonicClock.nanoseconds() + 500_000_000
        while MonotonicClock.nanoseconds() < end { #expect(sink.collect(milliseconds: 20, wakingOn: []).isEmpty) }
        #expect(metrics.requests.value < 60)
    }

    @Test func anOverloadedStoreGetsEverythingInTheEnd() throws {
        let server = try OpenSearchFixture(options: [
            "-Eindexing_pressure.memory.limit=64kb", "-Ethread_pool.write.queue_size=1",
            "-Ethread_pool.write.size=1",
        ])
        let sink = try sink(server, prefix: "busy") { $0.requestBytesMax = 40_000 }
        var ids: Set<String> = []
        for ticket in 0..<4 {
            let batch = try DocumentBatch.testing(documents(100), sensor: "\(ticket)")
            ids.formUnion(batch.ids)
            sink.submit(batch, ticket: UInt64(ticket))
        }
        let counts = try sink.reports(4).map(\.counts)
        #expect(counts.map { $0[0] + $0[1] } == [100, 100, 100, 100])
        #expect(counts.allSatisfy { $0[2] == 0 })
        #expect(try server.ids(in: "busy-*") == ids)
    }
}
