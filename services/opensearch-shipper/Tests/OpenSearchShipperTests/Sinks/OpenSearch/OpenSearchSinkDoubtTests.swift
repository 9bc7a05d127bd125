import EventContract
import Foundation
import Lifecycle
import ServiceTesting
import Settings
import Synchronization
import Testing

@testable import OpenSearchShipper

/// When a data stream is asked what it has, and what becomes of a question that fails.
@Suite struct OpenSearchSinkDoubtTests {
    private static let refreshed = ScriptedHTTPServer.Reply.answer(200, body: #"{"_shards":{"failed":0}}"#)

    /// A data stream that has these ids. `script` may answer in its place; it is told how many requests were before.
    private func server(
        having ids: [String] = [],
        _ script: @escaping @Sendable (ScriptedHTTPServer.Request, Int) -> ScriptedHTTPServer.Reply? = { _, _ in nil }
    ) throws -> ScriptedHTTPServer {
        try ScriptedHTTPServer { request in
            if let reply = script(request, request.number) { return reply }
            if request.target.hasPrefix("/suricata/_refresh") { return Self.refreshed }
            if request.target.hasPrefix("/suricata/_search") {
                let hits = ids.filter { request.text.contains($0) }.map { #"{"_id":"\#($0)"}"# }.joined(separator: ",")
                return .answer(200, body: #"{"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[\#(hits)]}}"#)
            }
            let items = Array(repeating: #"{"create":{"status":201}}"#, count: request.lines.count / 2)
            return .answer(200, body: #"{"errors":false,"items":[\#(items.joined(separator: ","))]}"#)
        }
    }

    private func sink(_ server: ScriptedHTTPServer, mode: OpenSearchSettings.Mode = .datastream) throws
        -> OpenSearchSink
    {
        var settings = OpenSearchSettings()
        settings.endpoint = server.url
        settings.mode = mode
        settings.setsUp = false
        return try OpenSearchSink(
            settings, backoff: .testing, version: "1", logger: .testing, metrics: .testing())
    }

    private func batch(_ count: Int, sensor: String = "s") throws -> DocumentBatch {
        try DocumentBatch.testing((0..<count).map { #"{"n":\#($0)}"# }, sensor: sensor)
    }

    /// What was asked for and sent, in one word each.
    private func steps(_ server: ScriptedHTTPServer) -> [String] {
        server.requests.map { request in
            String(request.target.prefix { $0 != "?" }.split(separator: "/").last ?? "")
        }
    }

    @Test func onlyWhatIsMissingIsSent() throws {
        let batch = try batch(5)
        let server = try server(having: [batch.ids[0], batch.ids[3]])
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(batch, ticket: 1, uncertainSince: MonotonicClock.nanoseconds())
        #expect(try sink.reports().map(\.counts) == [[3, 2, 0]])
        #expect(steps(server) == ["_refresh", "_search", "_bulk"])
        let ids = [1, 2, 4].map { batch.ids[$0] }
        #expect(try #require(server.requests.last).lines.count == 6)
        for id in ids { #expect(server.requests[2].text.contains(id)) }
    }

    @Test func whatNobodyHasSentIsNotAskedFor() throws {
        let server = try server()
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(2), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        #expect(steps(server) == ["_bulk"])
    }

    /// One refresh serves all doubts from before it.
    @Test func aRefreshIsMadeOnceForOneDoubt() throws {
        let server = try server()
        defer { server.stop() }
        let sink = try sink(server)
        let since = MonotonicClock.nanoseconds()
        for ticket in 0..<3 {
            sink.submit(try batch(1, sensor: "\(ticket)"), ticket: UInt64(ticket), uncertainSince: since)
            _ = try sink.reports()
        }
        #expect(steps(server) == ["_refresh", "_search", "_bulk", "_search", "_bulk", "_search", "_bulk"])
    }

    @Test func anIndexForEachDayIsNeverAsked() throws {
        let server = try server { _, number in number == 1 ? .answer(503) : nil }
        defer { server.stop() }
        let sink = try sink(server, mode: .index)
        sink.submit(try batch(2), ticket: 1, uncertainSince: MonotonicClock.nanoseconds())
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        #expect(steps(server) == ["_bulk", "_bulk"])
    }

    /// A request whose end nobody knows: the store may have carried it out.
    @Test(
        arguments: [
            .answer(503), .answer(429), .answer(200, body: "<html>"), .cut(after: ""),
            .answer(200, body: #"{"items":[{"create":{"status":500}},{"create":{"status":201}}]}"#),
        ] as [ScriptedHTTPServer.Reply])
    func anUnknownEndIsAskedFor(fault: ScriptedHTTPServer.Reply) throws {
        let server = try server { request, number in number == 2 ? fault : nil }
        defer { server.stop() }
        let sink = try sink(server)
        // The second request travels by a connection that is kept, where libcurl would repeat it by itself.
        for ticket in 1...2 {
            sink.submit(try batch(2, sensor: "\(ticket)"), ticket: UInt64(ticket))
            #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        }
        #expect(steps(server) == ["_bulk", "_bulk", "_refresh", "_search", "_bulk"])
    }

    /// What the store says to have refused is surely not there.
    @Test(
        arguments: [
            .answer(413),
            .answer(200, body: #"{"items":[{"create":{"status":429}},{"create":{"status":201}}]}"#),
        ] as [ScriptedHTTPServer.Reply])
    func aRefusalIsNotAskedFor(refusal: ScriptedHTTPServer.Reply) throws {
        let server = try server { request, number in number == 1 ? refusal : nil }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(try batch(2), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        #expect(Set(steps(server)) == ["_bulk"])
    }

    private static let refusal = #"{"error":{"type":"security_exception","reason":"no permissions for [x]"}}"#

    /// Nothing is sent before the question is answered, however it fails.
    @Test(
        arguments: [
            .answer(403, body: refusal), .answer(413), .answer(503), .answer(200, body: "{}"), .answer(404),
            .cut(after: ""), .cut(after: "HTTP/1.1 200 OK\r\n"),
        ] as [ScriptedHTTPServer.Reply], ["_refresh", "_search"])
    func aFailedQuestionIsAskedAgain(fault: ScriptedHTTPServer.Reply, step: String) throws {
        let batch = try batch(4)
        let failures = Mutex(0)
        let server = try server(having: [batch.ids[1]]) { request, _ in
            guard request.target.contains(step) else { return nil }
            let number = failures.withLock { count in
                count += 1
                return count
            }
            return number <= 5 ? fault : nil
        }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(batch, ticket: 1, uncertainSince: MonotonicClock.nanoseconds())
        let trouble = try sink.trouble()
        if case .answer(403, _, _) = fault { #expect(trouble.contains("no permissions for [x]")) }
        #expect(try sink.reports().map(\.counts) == [[3, 1, 0]])
        #expect(sink.health == .ready)
        let sent = server.requests.filter { $0.target.hasPrefix("/_bulk") }.map(\.text).joined()
        #expect(batch.ids.map { sent.components(separatedBy: $0).count - 1 } == [1, 0, 1, 1])
    }

    /// A store that answers questions and takes nothing is in trouble all the while, and gets one request at a time.
    @Test func anAnsweredQuestionIsNoEndOfTheTrouble() throws {
        let server = try server { request, number in
            request.target.hasPrefix("/_bulk") && number <= 20 ? .answer(503) : nil
        }
        defer { server.stop() }
        let sink = try sink(server)
        for ticket in 1...3 as ClosedRange<UInt64> { sink.submit(try batch(2, sensor: "\(ticket)"), ticket: ticket) }
        _ = try sink.trouble()
        // The first three travelled at once.
        while server.requests.count < 15 {
            #expect(sink.collect(milliseconds: 20, wakingOn: []).isEmpty)
            guard case .waiting = sink.health else {
                Issue.record("\(sink.health) after \(steps(server))")
                return
            }
        }
        #expect(try sink.reports(3).map(\.counts) == [[2, 0, 0], [2, 0, 0], [2, 0, 0]])
        #expect(sink.health == .ready)
    }

    /// Nothing is left to be sent, and the store has shown that it works.
    @Test func theTroubleIsOverWhenAllIsThere() throws {
        let batch = try batch(2)
        let server = try server(having: batch.ids) { _, number in number == 1 ? .answer(503) : nil }
        defer { server.stop() }
        let sink = try sink(server)
        sink.submit(batch, ticket: 1)
        _ = try sink.trouble()
        #expect(try sink.reports().map(\.counts) == [[0, 2, 0]])
        #expect(steps(server) == ["_bulk", "_refresh", "_search"])
        #expect(sink.health == .ready)
    }
}
