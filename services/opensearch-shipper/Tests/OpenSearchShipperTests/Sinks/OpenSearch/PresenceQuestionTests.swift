import EventContract
import HTTPClient
import HTTPTypes
import ServiceTesting
import Testing

@testable import OpenSearchShipper

@Suite struct PresenceQuestionTests {
    private func verdict(_ status: Int, _ body: String, to step: PresenceQuestion.Step) -> PresenceVerdict {
        PresenceVerdict(ClientResponse(HTTPStatus(status), retryAfterSeconds: 3, body: Array(body.utf8)), to: step)
    }

    @Test func theBodyAsksForEachIDAndHasRoomForEachTwice() throws {
        let batch = try DocumentBatch.testing(["{}", "{}", "{}"])
        let body = PresenceQuestion.searchBody(batch, items: [0, 2])
        let expected = """
            {"size":4,"_source":false,"track_total_hits":false,"sort":["_doc"],\
            "query":{"ids":{"values":["\(batch.ids[0])","\(batch.ids[2])"]}}}
            """
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    @Test func whatIsThere() {
        let hits = #"{"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[{"_id":"a"},{"_id":"b"},{"_id":"a"}]}}"#
        #expect(verdict(200, hits, to: .search) == .there(["a", "b"]))
        #expect(verdict(200, #"{"timed_out":false,"_shards":{"failed":0}}"#, to: .search) == .there([]))
        #expect(verdict(200, #"{"_shards":{"failed":0}}"#, to: .refresh) == .refreshed)
    }

    @Test(arguments: [PresenceQuestion.Step.refresh, .search])
    func aStreamThatIsNotMadeYetHasNothing(step: PresenceQuestion.Step) {
        let missing = #"{"error":{"type":"index_not_found_exception","reason":"no such index [s]"},"status":404}"#
        #expect(verdict(404, missing, to: step) == .there([]))
    }

    private static let refusedShard = """
        {"_shards":{"failed":1,"failures":[{"reason":{"type":"t","reason":"no [refresh[s]]"}}]}}
        """
    private static let refused = #"{"error":{"type":"security_exception","reason":"no permissions for [x]"}}"#

    /// Whatever is not a whole answer says nothing, above all not that something is missing.
    @Test(
        arguments: [
            (.refresh, 200, refusedShard, "t: no [refresh[s]]"),
            (.refresh, 200, "{}", "not OpenSearch's"),
            (.search, 200, #"{"timed_out":true,"_shards":{"failed":0}}"#, "not whole"),
            (.search, 200, #"{"timed_out":false,"_shards":{"failed":1}}"#, "not whole"),
            (.search, 200, "<html>", "not OpenSearch's"),
            (.search, 404, "<html>", "opensearch.endpoint"),
            (.search, 403, refused, "no permissions for [x]"),
            (.search, 400, #"{"error":{"type":"index_closed_exception","reason":"closed"}}"#, "open it"),
            (.search, 503, "", "503"),
        ] as [(PresenceQuestion.Step, Int, String, String)])
    func anythingElseIsUnknown(step: PresenceQuestion.Step, status: Int, body: String, words: String) {
        guard case .unknown(let reason, 3) = verdict(status, body, to: step) else {
            Issue.record("\(verdict(status, body, to: step))")
            return
        }
        #expect(reason.hasPrefix("it cannot be asked which documents the data stream has already"))
        #expect(reason.contains(words), "\(reason)")
    }
}
