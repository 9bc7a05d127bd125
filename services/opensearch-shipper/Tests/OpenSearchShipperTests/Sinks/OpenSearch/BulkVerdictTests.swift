import HTTPClient
import HTTPTypes
import Pipeline
import Testing

@testable import OpenSearchShipper

@Suite struct BulkVerdictTests {
    private func verdict(_ status: Int, _ body: String, items: Int = 2, retryAfter: Int? = nil) -> BulkVerdict {
        var reader = BulkAnswerReader()
        return reader.verdict(
            on: ClientResponse(HTTPStatus(status), retryAfterSeconds: retryAfter, body: Array(body.utf8)),
            itemCount: items)
    }

    private func answer(_ items: String...) -> String {
        #"{"took":3,"errors":true,"items":[\#(items.joined(separator: ","))]}"#
    }

    private func item(_ status: Int, _ type: String, _ reason: String = "why") -> String {
        #"{"create":{"status":\#(status),"error":{"type":"\#(type)","reason":"\#(reason)"}}}"#
    }

    private let created = #"{"create":{"status":201}}"#

    @Test func judgesEachItem() {
        let body = answer(
            created, item(409, "version_conflict_engine_exception"), item(400, "mapper_parsing_exception", "bad ip"),
            item(429, "es_rejected_execution_exception"), item(503, "unavailable_shards_exception"))
        #expect(
            verdict(200, body, items: 5)
                == .judged(
                    [
                        .stored, .alreadyThere, .rejected(type: "mapper_parsing_exception", reason: "bad ip"),
                        .retry(reason: "es_rejected_execution_exception: why (429)"),
                        .retry(reason: "unavailable_shards_exception: why (503)", isUncertain: true),
                    ], trouble: nil))
    }

    /// The same answer by the quick way and by the thorough one, which white space calls for.
    @Test(arguments: ["", " "])
    func allIsStored(space: String) {
        let items = #"{"create":{"status":\#(space)201}},{"create":{"status":201}}"#
        #expect(verdict(200, #"{"errors":false,"items":[\#(items)]}"#) == .judged([.stored, .stored], trouble: nil))
        guard case .unavailable = verdict(200, #"{"errors":false,"items":[\#(items)]}"#, items: 3) else {
            Issue.record("an answer about two documents is no answer about three")
            return
        }
    }

    @Test func aStoreThatTakesNothingIsInTrouble() {
        let busy = item(429, "es_rejected_execution_exception")
        guard case .judged(let outcomes, let trouble?) = verdict(200, answer(busy, busy)) else {
            Issue.record("trouble expected")
            return
        }
        #expect(outcomes.count == 2)
        #expect(trouble.contains("429"))
    }

    /// What a person can cure must not make dead letters of all that passes meanwhile.
    @Test(arguments: [
        (403, "cluster_block_exception", "index [a] blocked by: [FORBIDDEN/12/read-only / allow delete (api)]"),
        (429, "cluster_block_exception", "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded]"),
        (403, "security_exception", "no permissions for [indices:data/write/bulk[s]]"),
        (404, "index_not_found_exception", "no such index [a] and [action.auto_create_index] is [false]"),
        (400, "validation_exception", "this would add [2] total shards, but … [1000]/[1000] maximum shards open;"),
        (401, "anything", "else"),
        (400, "index_closed_exception", "closed"),
        (400, "illegal_argument_exception", "pipeline with id [nope] does not exist"),
        (400, "illegal_argument_exception", "no write index is defined for alias [c-x]. The write index may be …"),
    ])
    func troubleOfTheStoreRejectsNothing(status: Int, type: String, reason: String) {
        let verdict = verdict(200, answer(created, item(status, type, reason)))
        guard case .judged(let outcomes, let trouble?) = verdict else {
            Issue.record("trouble expected")
            return
        }
        #expect(outcomes[0] == .stored)
        guard case .retry = outcomes[1] else {
            Issue.record("a retry expected, not \(outcomes[1])")
            return
        }
        #expect(trouble.contains(type))
    }

    @Test(arguments: [
        (400, "mapper_parsing_exception"), (400, "strict_dynamic_mapping_exception"),
        (404, "document_missing_exception"),
        (400, "illegal_argument_exception"), (418, "teapot"),
    ])
    func otherClientErrorsAreRejected(status: Int, type: String) {
        #expect(
            verdict(200, answer(created, item(status, type)))
                == .judged([.stored, .rejected(type: type, reason: "why")], trouble: nil))
    }

    @Test func anErrorWithoutWordsIsStillARejection() {
        #expect(
            verdict(200, answer(created, #"{"create":{"status":400}}"#))
                == .judged([.stored, .rejected(type: "status_400", reason: "no reason given (400)")], trouble: nil))
    }

    @Test func theCauseIsTold() {
        let item = #"""
            {"create":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse",
            "caused_by":{"type":"json_parse_exception","reason":"Duplicate field 'a'"}}}}
            """#
        #expect(
            verdict(200, answer(created, item))
                == .judged(
                    [
                        .stored,
                        .rejected(type: "mapper_parsing_exception", reason: "failed to parse: Duplicate field 'a'"),
                    ], trouble: nil))
    }

    @Test func aLongReasonIsCut() {
        guard
            case .judged(let outcomes, _) = verdict(
                200, answer(created, item(400, "x", String(repeating: "ü", count: 5_000)))),
            case .rejected(_, let reason) = outcomes[1]
        else {
            Issue.record("a rejection expected")
            return
        }
        #expect(reason.utf8.count <= 1_030)
    }

    @Test(arguments: [
        "", "hello", "[]", "{}", #"{"items":{}}"#, #"{"items":[]}"#, #"{"items":[{"create":{"status":201}}]}"#,
        #"{"items":[{"create":{"status":201}},{"create":{}}]}"#, #"{"items":[{},{}]}"#, #"{"items":[1,2]}"#,
        #"{"items":[{"create":{"status":201}},{"create":{"status":201}}"#,
    ])
    func anAnswerAboutSomethingElseIsNoAnswer(body: String) {
        guard case .unavailable(let reason, nil) = verdict(200, body) else {
            Issue.record("unavailable expected for \(body)")
            return
        }
        #expect(reason.contains("opensearch.endpoint"))
    }

    @Test(arguments: [
        (301, "", "redirects"), (401, "Unauthorized", "opensearch.auth"), (403, "{}", "right"),
        (404, "<html>", "opensearch.endpoint"), (405, "{}", "opensearch.endpoint"), (429, "", "429"),
        (500, "{}", "500"), (502, "<html>bad gateway", "502"), (503, #"{"status":503}"#, "503"), (504, "", "504"),
        (400, "<html>no", "400"), (400, #"{"error":"odd"}"#, "odd"),
        (
            503,
            #"{"error":{"type":"cluster_block_exception","reason":"[SERVICE_UNAVAILABLE/1/state not recovered]"}}"#,
            "recovered"
        ),
    ])
    func aRefusalOfTheWholeRequestRejectsNothing(status: Int, body: String, words: String) {
        guard case .unavailable(let reason, let wait) = verdict(status, body, retryAfter: 7) else {
            Issue.record("unavailable expected")
            return
        }
        #expect(reason.contains(words))
        #expect(wait == 7)
    }

    /// Each block has its own way out, and the one for a full disk does not help against the others.
    @Test(arguments: [
        ("index [a] blocked by: [FORBIDDEN/5/index read-only (api)];", "index.blocks.read_only to null"),
        ("blocked by: [FORBIDDEN/6/cluster read-only (api)];", "cluster.blocks.read_only to null"),
        ("index [a] blocked by: [FORBIDDEN/8/index write (api)];", "index.blocks.write to null"),
        ("index [a] blocked by: [FORBIDDEN/9/index metadata (api)];", "index.blocks.metadata to null"),
        (
            "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, …];",
            "index.blocks.read_only_allow_delete to null"
        ),
        ("blocked by: [FORBIDDEN/99/of a later version];", "blocks of the cluster"),
    ])
    func eachBlockHasItsRemedy(reason: String, remedy: String) {
        guard
            case .judged(_, let trouble?) = verdict(200, answer(created, item(403, "cluster_block_exception", reason)))
        else {
            Issue.record("trouble expected")
            return
        }
        #expect(trouble.contains(remedy))
        #expect(trouble.contains("read_only_allow_delete") == reason.contains("/12/"))
    }

    @Test func aRequestThatIsTooMuchIsSaidToBe() {
        let tooLarge = [verdict(413, ""), verdict(413, #"{"error":"too big"}"#)]
        #expect(tooLarge.allSatisfy { if case .tooLarge = $0 { true } else { false } })
        for type in ["illegal_argument_exception", "json_parse_exception"] {
            let answer = verdict(400, #"{"error":{"type":"\#(type)","reason":"Malformed line [3]"},"status":400}"#)
            guard case .unreadable(let error) = answer else {
                Issue.record("unreadable expected, not \(answer)")
                continue
            }
            #expect(error.type == type)
        }
    }
}
