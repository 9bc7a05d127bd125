import EventContract
import Files
import Foundation
import OpenSearch
import Pipeline
import ServiceTesting
import Settings
import Synchronization
import Testing

@testable import OpenSearchShipper

@Suite struct FollowingSinkTests {
    private let folder: TemporaryDirectory
    private let path: String

    init() throws {
        folder = try TemporaryDirectory("following")
        path = folder.file("endpoint.json")
    }

    private func sink() -> FollowingSink {
        var settings = OpenSearchSettings()
        settings.auth = .none
        settings.indexDaysBack = 36_500
        return FollowingSink(EndpointWatch(path, for: settings), logger: .testing) { settings in
            try OpenSearchSink(settings, backoff: .testing, version: "1", logger: .testing, metrics: .testing())
        }
    }

    private func name(_ server: ScriptedHTTPServer) throws {
        try EndpointFile(endpoint: server.url).write(to: path)
    }

    /// A store that answers bulk requests as `reply` says, by default by taking every document.
    private func store(
        _ reply:
            @escaping @Sendable (ScriptedHTTPServer.Request, ScriptedHTTPServer.Reply) -> ScriptedHTTPServer.Reply = {
                $1
            }
    ) throws -> ScriptedHTTPServer {
        try ScriptedHTTPServer { request in
            guard request.target.hasPrefix("/_bulk") else { return .answer(200, body: #"{"acknowledged":true}"#) }
            let items = Array(repeating: #"{"create":{"status":201}}"#, count: request.lines.count / 2)
            return reply(
                request, .answer(200, body: #"{"errors":false,"items":[\#(items.joined(separator: ","))]}"#))
        }
    }

    private func batch(_ sensor: String) throws -> DocumentBatch {
        try DocumentBatch.testing([#"{"n":1}"#, #"{"n":2}"#], sensor: sensor)
    }

    private func bulks(_ server: ScriptedHTTPServer, of batch: DocumentBatch) -> Int {
        server.requests.filter { $0.target.hasPrefix("/_bulk") && $0.text.contains(batch.ids[0]) }.count
    }

    @Test func noBatchIsTakenBeforeTheFileSaysWhereTheStoreIs() throws {
        let server = try store()
        defer { server.stop() }
        let sink = sink()
        #expect(sink.capacity == 0)
        #expect(try sink.trouble().contains("\(path) is not there yet; aws-provisioner writes it"))
        try Data("{".utf8).write(to: URL(fileURLWithPath: path))
        try sink.run { if case .waiting(let reason) = $0 { reason.contains("does not say where") } else { false } }
        try name(server)
        try sink.run { $0 == .ready }
        sink.submit(try batch("first"), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
    }

    @Test func whatIsUnderWayEndsAndTheRestGoesToTheNextStore() throws {
        let (slow, refused) = (try batch("slow"), try batch("refused"))
        let slowID = slow.ids[0]
        let old = try store { request, answer in
            request.text.contains(slowID) ? .late(milliseconds: 2_500, answer) : .answer(503)
        }
        let new = try store()
        defer {
            old.stop()
            new.stop()
        }
        try name(old)
        let sink = sink()
        try sink.run { $0 == .ready }
        sink.submit(slow, ticket: 1)
        sink.submit(refused, ticket: 2)
        _ = sink.collect(milliseconds: 100, wakingOn: [])
        try name(new)
        let reports = try sink.reports(2)
        #expect(reports.map(\.ticket) == [1, 2])
        #expect(reports.map(\.counts) == [[2, 0, 0], [2, 0, 0]])
        #expect(bulks(old, of: slow) == 1 && bulks(new, of: slow) == 0)
        #expect(bulks(new, of: refused) == 1)
        #expect(new.requests.first?.method == "GET", "the templates are looked up before the first document")
    }

    @Test func whileTheFileIsGoneEventsWait() throws {
        let server = try store()
        defer { server.stop() }
        try name(server)
        let sink = sink()
        try sink.run { $0 == .ready }
        for round in 1...2 {
            try FileManager.default.removeItem(atPath: path)
            #expect(try sink.trouble().contains("is not there"))
            #expect(sink.capacity == 0)
            try name(server)
            try sink.run { $0 == .ready }
            sink.submit(try batch("\(round)"), ticket: UInt64(round))
            #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        }
    }

    @Test func aStoreThatCannotBeUsedIsTriedAgain() throws {
        let server = try store()
        defer { server.stop() }
        try name(server)
        var settings = OpenSearchSettings()
        settings.auth = .none
        settings.indexDaysBack = 36_500
        settings.caFile = folder.file("ca.pem")
        let sink = FollowingSink(EndpointWatch(path, for: settings), logger: .testing) { settings in
            guard FileManager.default.fileExists(atPath: settings.caFile ?? "") else {
                throw CocoaError(.fileNoSuchFile)
            }
            var settings = settings
            settings.caFile = nil
            return try OpenSearchSink(
                settings, backoff: .testing, version: "1", logger: .testing, metrics: .testing())
        }
        #expect(sink.capacity == 0)
        try Data().write(to: URL(fileURLWithPath: folder.file("ca.pem")))
        try sink.run { $0 == .ready }
        sink.submit(try batch("late"), ticket: 1)
        #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
    }

    @Test func whatTheGuardFoundOfOneStoreIsNotSaidOfTheNext() throws {
        let metrics = ShipperMetrics.testing()
        metrics.storageExhausted.set(1)
        _ = try OpenSearchSink(
            OpenSearchSettings(), backoff: .testing, version: "1", logger: .testing, metrics: metrics)
        #expect(metrics.storageExhausted.value == 0)
    }

    @Test func aFileThatBreaksChangesNothing() throws {
        let server = try store()
        defer { server.stop() }
        try name(server)
        let sink = sink()
        try sink.run { $0 == .ready }
        for (ticket, content) in zip(1..., ["", "{}"]) {
            try AtomicFile.replace(path, with: Array(content.utf8))
            let deadline = Date(timeIntervalSinceNow: 1.2)
            while Date() < deadline { _ = sink.collect(milliseconds: 50, wakingOn: []) }
            sink.submit(try batch("\(ticket)"), ticket: UInt64(ticket))
            #expect(try sink.reports().map(\.counts) == [[2, 0, 0]])
        }
    }
}
