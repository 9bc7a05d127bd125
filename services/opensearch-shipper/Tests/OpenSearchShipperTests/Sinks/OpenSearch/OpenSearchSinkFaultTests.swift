import EventContract
import Lifecycle
import OpenSearchBulk
import Pipeline
import ServiceTesting
import Settings
import Synchronization
import Testing

@testable import OpenSearchShipper

/// Faults that a real OpenSearch cannot be made to show on command.
@Suite struct OpenSearchSinkFaultTests {
    /// A server that takes the templates and answers bulk requests by a script that is told how many there were before.
    private func server(
        _ script: @escaping @Sendable (ScriptedHTTPServer.Request, Int) -> ScriptedHTTPServer.Reply
    ) throws -> ScriptedHTTPServer {
        let bulkCount = Mutex(0)
        return try ScriptedHTTPServer { request in
            guard request.target.hasPrefix("/_bulk") else {
                return .answer(200, body: #"{"acknowledged":true}"#)
            }
            let number = bulkCount.withLock { count in
                count += 1
                return count
            }
            return script(request, number)
        }
    }

    private func sink(
        _ server: ScriptedHTTPServer, metrics: ShipperMetrics = .testing(),
        _ change: (inout OpenSearchSettings) -> Void = { _ in }
    ) throws -> OpenSearchSink {
        var settings = OpenSearchSettings()
        settings.endpoint = server.url
        settings.requestTimeoutMilliseconds = 5_000
        settings.requestsInFlight = 4
        settings.indexDaysBack = 36_500
        change(&settings)
        return try OpenSearchSink(
            settings, backoff: .testing, version: "1", logger: .testing, metrics: metrics)
    }

    private func batch(_ count: Int, sensor: String = "s") throws -> DocumentBatch {
        try DocumentBatch.testing((0..<count).map { #"{"n":\#($0)}"# }, sensor: sensor)
    }

    /// The answer of a store that takes every document of the request.
    private static func accepts(_ request: ScriptedHTTPServer.Request) -> ScriptedHTTPServer.Reply {
        answer(request) { _ in #"{"create":{"status":201}}"# }
    }

    /// An answer with one item for each document.
    private static func answer(
        _ request: ScriptedHTTPServer.Request, _ item: (Substring) -> String
    ) -> ScriptedHTTPServer.Reply {
        let lines = request.lines
        let items = stride(from: 1, to: lines.count, by: 2).map { item(lines[$0]) }
        return .answer(200, body: #"{"errors":true,"items":[\#(items.joined(separator: ","))]}"#)
    }

    private func bulks(_ server: ScriptedHTTPServer) -> [ScriptedHTTPServer.Request] {
        server.requests.filter { $0.target.hasPrefix("/_bulk") }
    }

    @Test(
        arguments: [
            .answer(503), .answer(503, body: #"{"status":503}"#), .answer(429), .answer(500, body: "{}"),
            .answer(502, body: "<html>"), .answer(401, body: "Unauthorized"), .answer(403), .answer(404, body: "{}"),
            .answer(200, body: "this is no JSON"), .answer(200, body: #"{"errors":false,"items":[]}"#),
            .answer(301, headers: ["Location: http://127.0.0.1:1/"]),
            .cut(after: ""), .cut(after: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"items\":[{\"crea"),
            .cut(after: "not HTTP at all\r\n\r\n"),
        ] as [ScriptedHTTPServer.Reply])
    func theWholeBatchIsSentAgain(fault: ScriptedHTTPServer.Reply) throws {
        let server = try server { request, number in number <= 2 ? fault : Self.accepts(request) }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(3), ticket: 1)
        #expect(try !sink.trouble().isEmpty)
        #expect(try sink.reports().map(\.counts) == [[3, 0, 0]])
        #expect(sink.health == .ready)
        #expect(bulks(server).map { $0.lines.count } == [6, 6, 6])
        #expect(Set(bulks(server).map(\.text)).count == 1)
    }

    @Test func aSilentStoreIsAskedAgain() throws {
        let server = try server { request, number in number == 1 ? .silence : Self.accepts(request) }
        defer { server.stop() }
        let sink = try sink(server) { $0.requestTimeoutMilliseconds = 200 }
        sink.submit(try batch(3), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[3, 0, 0]])
    }

    @Test func aSlowStoreIsWaitedFor() throws {
        let server = try server { request, _ in .late(milliseconds: 300, Self.accepts(request)) }
        defer { server.stop() }
        let sink = try sink(server)
        for ticket in 0..<4 { sink.submit(try batch(3, sensor: "\(ticket)"), ticket: UInt64(ticket)) }
        #expect(try sink.reports(4).map(\.counts) == Array(repeating: [3, 0, 0], count: 4))
        #expect(bulks(server).count == 4)
        #expect(sink.health == .ready)
    }

    @Test func onlyOpenDocumentsAreSentAgain() throws {
        let server = try server { request, number in
            Self.answer(request) { document in
                switch (document, number) {
                case (#"{"n":1}"#, 1...2): #"{"create":{"status":429,"error":{"type":"busy","reason":"full"}}}"#
                case (#"{"n":2}"#, _): #"{"create":{"status":400,"error":{"type":"mapping","reason":"no ip"}}}"#
                case (#"{"n":3}"#, _): #"{"create":{"status":409,"error":{"type":"version_conflict","reason":"x"}}}"#
                default: #"{"create":{"status":201}}"#
                }
            }
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(5), ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == [3, 1, 1])
        #expect(report.rejections == [Delivery.Rejection(item: 2, type: "mapping", reason: "no ip", attempt: 1)])
        #expect(bulks(server).map { $0.lines.count } == [10, 2, 2])
        #expect(bulks(server).last?.lines.last == #"{"n":1}"#)
    }

    @Test func aDocumentRejectedLaterTellsItsAttempt() throws {
        let server = try server { request, number in
            Self.answer(request) { document in
                if number == 1 { return #"{"create":{"status":503,"error":{"type":"shard","reason":"away"}}}"# }
                return document == #"{"n":1}"#
                    ? #"{"create":{"status":201}}"#
                    : #"{"create":{"status":400,"error":{"type":"mapping","reason":"no ip"}}}"#
            }
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(2), ticket: 1)
        #expect(try sink.reports().first?.rejections.map(\.attempt) == [2])
    }

    @Test func aRequestThatIsTooLargeIsHalved() throws {
        let server = try server { request, _ in
            request.lines.count > 4 || request.text.contains("\"n\":6}") ? .answer(413) : Self.accepts(request)
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(8), ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == [7, 0, 1])
        #expect(report.rejections.map(\.item) == [6])
        #expect(report.rejections.map(\.type) == ["request_too_large"])
        #expect(sink.health == .ready)
    }

    /// A proxy that cuts large requests instead of refusing them.
    @Test func aRequestThatIsCutAgainAndAgainIsHalved() throws {
        let server = try server { request, _ in request.lines.count > 4 ? .cut(after: "") : Self.accepts(request) }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(4), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[4, 0, 0]])
        // libcurl itself tries once more where a kept connection ends without an answer.
        let sizes = bulks(server).map { $0.lines.count }
        #expect(sizes.suffix(2) == [4, 4])
        #expect(sizes.count <= 8)
    }

    @Test func theWaitThatTheStoreAsksForIsGranted() throws {
        let server = try server { request, number in
            number == 1 ? .answer(429, headers: ["Retry-After: 1"]) : Self.accepts(request)
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(1), ticket: 1)
        let start = MonotonicClock.nanoseconds()
        _ = try sink.reports()
        #expect(MonotonicClock.nanoseconds() - start >= 1_000_000_000)
    }

    @Test(arguments: ["86400", "Fri, 31 Dec 2999 23:59:59 GMT"])
    func aWaitBeyondTheBoundIsCut(retryAfter: String) throws {
        let server = try server { request, number in
            number == 1 ? .answer(503, headers: ["Retry-After: \(retryAfter)"]) : Self.accepts(request)
        }
        defer { server.stop() }
        let sink = try sink(server) { $0.retryAfterMaxMilliseconds = 1_000 }
        sink.submit(try batch(1), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[1, 0, 0]])
    }

    /// However many batches wait, a store that is away is asked by one request at a time, and ever more rarely.
    @Test func aStoreThatIsAwayIsNotStormed() throws {
        let server = try server { _, _ in .answer(503) }
        defer { server.stop() }
        let metrics = ShipperMetrics.testing()
        let sink = try sink(server, metrics: metrics)
        for ticket in 0..<4 { sink.submit(try batch(3, sensor: "\(ticket)"), ticket: UInt64(ticket)) }
        let end = MonotonicClock.nanoseconds() + 1_000_000_000
        while MonotonicClock.nanoseconds() < end {
            #expect(sink.collect(milliseconds: 50, wakingOn: []).isEmpty)
        }
        // Four at first, and then one at a time with waits that grow from 5...10 to 5...100 milliseconds.
        #expect(bulks(server).count <= 100)
        // Until the last one is answered, and the next one not yet sent.
        let deadline = MonotonicClock.nanoseconds() + 30_000_000_000
        while bulks(server).count < 5 || metrics.requestsFailed.value != UInt64(bulks(server).count),
            MonotonicClock.nanoseconds() < deadline
        { #expect(sink.collect(milliseconds: 5, wakingOn: []).isEmpty) }
        #expect(bulks(server).count >= 5)
        #expect(metrics.requestsFailed.value == UInt64(bulks(server).count))
        #expect(sink.inFlightCount == 4)
    }

    @Test func nothingIsSentBeforeTheTemplatesAreThere() throws {
        let missing = #"{"error":{"type":"resource_not_found_exception","reason":"none"},"status":404}"#
        let refusal = #"{"error":{"type":"security_exception","reason":"no"},"status":403}"#
        let putCount = Mutex(0)
        let server = try ScriptedHTTPServer { request in
            switch request.method {
            case "GET":
                return .answer(404, body: missing)
            case "PUT":
                let isFirst = putCount.withLock { count in
                    count += 1
                    return count == 1
                }
                return isFirst ? .answer(403, body: refusal) : .answer(200, body: #"{"acknowledged":true}"#)
            default:
                return Self.accepts(request)
            }
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(2), ticket: 1)
        #expect(try sink.trouble().contains("security_exception"))
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        let looks: [String] = Array(repeating: "GET", count: 5)
        let puts: [String] = Array(repeating: "PUT", count: 5)
        let expected: [String] = [looks, ["PUT"], looks, puts, ["POST", "POST"]].flatMap(\.self)
        #expect(server.requests.map(\.method) == expected)
    }

    /// A store without the plugin, or a user without the right to it.
    @Test(arguments: [400, 403, 404, 405, 500, 503])
    func aStoreWithoutPoliciesIsUsedWithoutThem(status: Int) throws {
        let server = try ScriptedHTTPServer { request in
            if request.target.hasPrefix("/_plugins") { return .answer(status, body: #"{"error":"no handler"}"#) }
            return request.method == "POST" ? Self.accepts(request) : .answer(200, body: #"{"acknowledged":true}"#)
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(2), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        // A fault might pass.
        #expect(server.requests.filter { $0.target.hasPrefix("/_plugins") }.count == (status < 500 ? 1 : 8))
    }

    @Test func nothingIsAskedForWhenSomebodyElseSetsUp() throws {
        let server = try ScriptedHTTPServer { Self.accepts($0) }
        defer { server.stop() }
        let sink = try sink(server) { $0.setsUp = false }
        sink.submit(try batch(2), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        #expect(server.requests.map(\.method) == ["POST"])
    }

    /// A document is sent once more with its event unindexed before it is given up, when the event may be the cause.
    @Test(arguments: [true, false])
    func aRefusedEventIsStoredUnindexed(isTakenThen: Bool) throws {
        let refusal =
            #"{"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"object mapping for [suricata.eve.http]"}}}"#
        let server = try server { request, _ in
            Self.answer(request) { document in
                let isRefused = document.contains(#""eve":{"http":5}"#) || (!isTakenThen && document.contains("http"))
                return isRefused ? refusal : #"{"create":{"status":201}}"#
            }
        }
        defer { server.stop() }
        let sink = try sink(server)
        let event = { (eve: String) in #"{"suricata":{"severity":1,"eve":\#(eve)},"tags":["eve"]}"# }
        sink.submit(try DocumentBatch.testing([event("{}"), event(#"{"http":5}"#), event("{}")]), ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == (isTakenThen ? [3, 0, 0] : [2, 0, 1]))
        #expect(report.rejections.map(\.item) == (isTakenThen ? [] : [1]))
        #expect(bulks(server).count == 2)
        let last = try #require(bulks(server).last?.lines.last)
        #expect(last == #"{"suricata":{"severity":1,"eve_unindexed":{"http":5}},"tags":["eve"]}"#)
    }

    private static let refusal =
        #"{"create":{"status":400,"error":{"type":"strict_dynamic_mapping_exception","reason":"no [suricata]"}}}"#

    /// What a store says of every document is no fault of theirs, be it one document or many.
    @Test(arguments: [1, 5])
    func aRefusalOfEveryDocumentIsWaitedFor(count: Int) throws {
        let isMended = Mutex(false)
        let server = try server { request, _ in
            Self.answer(request) { _ in
                isMended.withLock { $0 } ? #"{"create":{"status":201}}"# : Self.refusal
            }
        }
        defer { server.stop() }
        let sink = try sink(server)
        for ticket in 0..<3 { sink.submit(try batch(count, sensor: "\(ticket)"), ticket: UInt64(ticket)) }
        #expect(try sink.trouble().contains("refuses every document for this index: strict_dynamic_mapping_exception"))
        let end = MonotonicClock.nanoseconds() + 500_000_000
        var isSteady = true
        while MonotonicClock.nanoseconds() < end {
            #expect(sink.collect(milliseconds: 20, wakingOn: []).isEmpty)
            if case .waiting = sink.health {} else { isSteady = false }
        }
        #expect(isSteady)
        #expect(bulks(server).count < 60)
        isMended.withLock { $0 = true }
        #expect(try sink.reports(3).map(\.counts) == Array(repeating: [count, 0, 0], count: 3))
        #expect(sink.health == .ready)
    }

    /// A bad document alone in its batch waits only until the store has taken another one for the same index.
    @Test func aBadDocumentAloneIsKnownByTheNextOne() throws {
        let server = try server { request, _ in
            Self.answer(request) { $0.contains("bad") ? Self.refusal : #"{"create":{"status":201}}"# }
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try DocumentBatch.testing([#"{"bad":1}"#]), ticket: 1)
        _ = try sink.trouble()
        let dayBefore: Int64 = 1_769_904_000_000_000_000 - 86_400_000_000_000
        sink.submit(try DocumentBatch.testing(["{}"], sensor: "b", time: dayBefore), ticket: 2)
        #expect(try sink.reports().map(\.ticket) == [2], "another index is no company")
        _ = try sink.trouble()
        sink.submit(try DocumentBatch.testing(["{}"], sensor: "c"), ticket: 3)
        let reports = try sink.reports(2).sorted { $0.ticket < $1.ticket }
        #expect(reports.map(\.counts) == [[0, 0, 1], [1, 0, 0]])
        #expect(sink.health == .ready)
    }

    /// What a person has sent again was judged before: refused once more it is given back, and keeps nobody waiting.
    @Test func aDeadLetterThatIsRefusedAgainWaitsForNoCompany() throws {
        let server = try server { request, _ in
            Self.answer(request) { $0.contains("bad") ? Self.refusal : #"{"create":{"status":201}}"# }
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try DocumentBatch.testing([#"{"bad":1}"#], identity: .deadLetter("1-1")), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[0, 0, 1]])
        #expect(sink.health == .ready)
    }

    /// Neither the wait for company nor anything else may keep what no store can ever take.
    @Test(arguments: ["no JSON", "[1]"])
    func whatIsNoDocumentIsRejectedAtOnce(document: String) throws {
        let server = try server { request, _ in Self.answer(request) { _ in Self.refusal } }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try DocumentBatch.testing([document]), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[0, 0, 1]])
    }

    /// A server that refuses each bulk request whole, whatever is in it, sees few of them and buries nothing.
    @Test func aRequestThatIsRefusedInEveryPartIsWaitedFor() throws {
        let isMended = Mutex(false)
        let refusal = #"{"error":{"type":"parse_exception","reason":"no bulk today"},"status":400}"#
        let server = try server { request, _ in
            isMended.withLock { $0 } ? Self.accepts(request) : .answer(400, body: refusal)
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(100), ticket: 1)
        #expect(try sink.trouble().contains("no bulk today"))
        let end = MonotonicClock.nanoseconds() + 500_000_000
        while MonotonicClock.nanoseconds() < end { #expect(sink.collect(milliseconds: 20, wakingOn: []).isEmpty) }
        #expect(bulks(server).count < 60)
        isMended.withLock { $0 = true }
        #expect(try sink.reports().map(\.counts) == [[100, 0, 0]])
        #expect(sink.health == .ready)
    }

    /// One document that makes a request unreadable is found by halves, and is the only one that is lost.
    @Test(arguments: [1, 7, 64])
    func theDocumentThatSpoilsARequestIsFound(number: Int) throws {
        let refusal = #"{"error":{"type":"json_parse_exception","reason":"Unexpected"},"status":400}"#
        let server = try server { request, _ in
            request.lines.contains(#"{"n":\#(number)}"#) ? .answer(400, body: refusal) : Self.accepts(request)
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(65), ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == [64, 0, 1])
        #expect(report.rejections.map(\.item) == [number])
    }

    @Test func eventsOfImpossibleDaysShareOneIndex() throws {
        let server = try server { request, _ in Self.accepts(request) }
        defer { server.stop() }
        let metrics = ShipperMetrics.testing()
        let sink = try sink(server, metrics: metrics) { $0.indexDaysBack = 400 }
        let (now, day): (Int64, Int64) = (WallClock.nanoseconds(), 86_400_000_000_000)
        for (ticket, days) in [-20_000, -402, -400, 0, 2, 4, 20_000].enumerated() {
            let batch = try DocumentBatch.testing(
                ["{}"], sensor: "\(ticket)", time: now + Int64(days) * day, readTime: now)
            sink.submit(batch, ticket: UInt64(ticket))
            _ = try sink.reports()
        }
        #expect(bulks(server).map { $0.text.contains("-outside") } == [true, true, false, false, false, true, true])
        #expect(metrics.outside.value == 4)
    }

    @Test("With classes each document goes into the index of its class, also when it comes again")
    func classesHaveIndexesOfTheirOwn() throws {
        let server = try server { request, number in number == 1 ? .answer(503) : Self.accepts(request) }
        defer { server.stop() }
        let sink = try sink(server) { $0.classes = .on }
        let documents = ["alert", "metric", "event"].map { #"{"event":{"kind":"\#($0)"}}"# } + ["no JSON"]
        let time = WallClock.nanoseconds()
        sink.submit(try DocumentBatch.testing(documents, sensor: "s", time: time, readTime: time), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[4, 0, 0]])
        let indexes = [EventClass.alerts, .stats, .telemetry, .telemetry].map {
            DailyIndex($0, day: BulkAction.day(time)).name(prefix: "suricata")
        }
        for bulk in bulks(server) {
            let actions = bulk.lines.filter { $0.hasPrefix(#"{"create""#) }
            #expect(actions.map { String($0.split(separator: "\"")[5]) } == indexes)
        }
        #expect(bulks(server).count == 2)
    }

    @Test func severalRequestsTravelAtOnce() throws {
        let arrived = Mutex(0)
        let server = try server { request, number in
            guard number > 1 else { return Self.accepts(request) }
            // No request is taken before another one is there.
            arrived.withLock { $0 += 1 }
            let deadline = MonotonicClock.nanoseconds() + 20_000_000_000
            while arrived.withLock({ $0 }) < 2, MonotonicClock.nanoseconds() < deadline {
                StopSignal().wait(milliseconds: 1)
            }
            return arrived.withLock { $0 } < 2 ? .answer(503) : Self.accepts(request)
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(1), ticket: 9)
        _ = try sink.reports()
        for ticket in 0..<4 { sink.submit(try batch(3, sensor: "\(ticket)"), ticket: UInt64(ticket)) }
        #expect(try sink.reports(4).count == 4)
    }

    @Test func aBatchBeyondTheSizeOfARequestIsCut() throws {
        let server = try server { request, _ in Self.accepts(request) }
        defer { server.stop() }
        let sink = try sink(server) { $0.requestBytesMax = 1_000 }
        sink.submit(try batch(30), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[30, 0, 0]])
        #expect(bulks(server).count >= 3)
        #expect(bulks(server).allSatisfy { $0.body.count <= 1_000 })
    }

    @Test func credentialsAreSentAndNotTold() throws {
        let server = try ScriptedHTTPServer { _ in .answer(401, body: "Unauthorized") }
        defer { server.stop() }
        let sink = try sink(server) {
            $0.username = "shipper"
            $0.password = .init("s3cret")
        }
        let trouble = try sink.trouble()
        #expect(trouble.contains("opensearch.auth"))
        #expect(!trouble.contains("s3cret"))
        #expect(server.requests.first?.headers["authorization"] == "Basic c2hpcHBlcjpzM2NyZXQ=")
    }

    @Test func aMissingAuthorityFileIsTold() throws {
        let server = try ScriptedHTTPServer { _ in .answer(200) }
        defer { server.stop() }
        let sink = try sink(server) {
            $0.endpoint = "https://127.0.0.1:\(server.port)"
            $0.caFile = "/no/such/ca.pem"
        }
        #expect(try sink.trouble().contains("/no/such/ca.pem"))
    }
}
