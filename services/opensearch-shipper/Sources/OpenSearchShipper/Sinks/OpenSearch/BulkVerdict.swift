import Glibc
import HTTPClient
import HTTPTypes
import JSON
import OpenSearch
import Pipeline

/// What OpenSearch's answer to a bulk request means for the documents in it.
enum BulkVerdict: Equatable {
    /// It judged each document. `trouble` says what is wrong with the store as a whole, if anything: then the
    /// documents to retry wait until that is over.
    case judged([ItemOutcome], trouble: String?)
    /// It refuses the request for its size.
    case tooLarge(OpenSearchError)
    /// It refuses the request for its form, and one document of it may be the cause.
    case unreadable(OpenSearchError)
    /// It took nothing, or nobody knows what it took: the whole request again, later.
    case unavailable(reason: String, waitSeconds: Int?)
}

/// Reads answers to bulk requests.
///
/// The request asks for the status of each item and for the error of each failed one only (``filterPath``), so that the
/// answer is some 30 bytes a document.
struct BulkAnswerReader: ~Copyable {
    /// The query parameter `filter_path` that makes answers as short as they can be and still tell all that is needed.
    static let filterPath =
        "errors,error.type,error.reason,status,items.*.status,items.*.error.type,items.*.error.reason,"
        + "items.*.error.caused_by.reason"

    /// Room for the answer to half a million documents; a request has a few thousand.
    private var tree = JSONTree(limits: JSONTree.Limits(values: 1 << 22))

    /// - Parameter itemCount: how many documents the request had.
    mutating func verdict(on response: ClientResponse, itemCount: Int) -> BulkVerdict {
        response.body.withUnsafeBytes { body in
            if response.status == 200, Self.saysAllStored(body, count: itemCount) {
                return .judged(Array(repeating: .stored, count: itemCount), trouble: nil)
            }
            let root = try? tree.parse(body)
            if response.status == 200, let root {
                if let judged = Self.items(root, count: itemCount) { return judged }
                return .unavailable(
                    reason: "the answer does not speak of the \(itemCount) documents that were sent; "
                        + "is opensearch.endpoint really an OpenSearch?", waitSeconds: nil)
            }
            return Self.wholeRequest(response, OpenSearchError(of: root, status: response.status.code))
        }
    }

    /// Whether the answer says that no item failed, and speaks of as many items as there were: by far the most frequent
    /// answer, and with one search for a fixed text read in a tenth of the time. It holds no text of anybody else that
    /// could contain the same; whatever looks different in any way is read as JSON.
    private static func saysAllStored(_ body: UnsafeRawBufferPointer, count: Int) -> Bool {
        guard let errors = body.firstRange(of: "\"errors\":", from: 0), body.hasText("false", at: errors.upperBound),
            body.last == UInt8(ascii: "}")
        else { return false }
        var found = 0
        var position = errors.upperBound
        while let status = body.firstRange(of: "\"status\":", from: position) {
            guard body.hasText("201", at: status.upperBound) else { return false }
            found += 1
            position = status.upperBound
        }
        return found == count
    }

    /// The request as a whole did not work.
    private static func wholeRequest(_ response: ClientResponse, _ error: OpenSearchError) -> BulkVerdict {
        switch response.status {
        case 413:
            return .tooLarge(error)
        case 400 where error.type.map(requestFormErrors.contains) == true && !error.isAboutTheStore:
            return .unreadable(error)
        case 200:
            return .unavailable(
                reason: "the answer is not JSON; is opensearch.endpoint really an OpenSearch?", waitSeconds: nil)
        default:
            return .unavailable(reason: error.description, waitSeconds: response.retryAfterSeconds)
        }
    }

    /// What OpenSearch calls the refusal of a bulk request that one document has made unreadable.
    private static let requestFormErrors: Set<String> = [
        "illegal_argument_exception", "json_parse_exception", "json_e_o_f_exception", "parse_exception",
        "parsing_exception", "x_content_parse_exception", "action_request_validation_exception",
        "stream_constraints_exception",
    ]

    /// The outcome of each item, or nil when the answer is not about `count` items.
    private static func items(_ root: JSONNode, count: Int) -> BulkVerdict? {
        var outcomes: [ItemOutcome] = []
        outcomes.reserveCapacity(count)
        var trouble: String?
        var judgedAny = false
        guard let items = root["items"] else { return count == 0 ? .judged([], trouble: nil) : nil }
        for element in items.elements {
            // {"create":{"status":201}}: the action's name is the only key.
            var members = element.members
            guard let item = members.next()?.value, let status = item["status"]?.int64 else { return nil }
            let outcome: ItemOutcome
            switch status {
            case 200, 201: outcome = .stored
            case 409: outcome = .alreadyThere
            default:
                let error = OpenSearchError(item: item["error"], status: Int(status))
                outcome = error.itemOutcome
                if error.isAboutTheStore { trouble = trouble ?? error.description }
            }
            if case .retry = outcome {} else { judgedAny = true }
            outcomes.append(outcome)
        }
        guard outcomes.count == count else { return nil }
        if trouble == nil, !judgedAny, case .retry(let reason, _)? = outcomes.first { trouble = reason }
        return .judged(outcomes, trouble: trouble)
    }
}

extension UnsafeRawBufferPointer {
    /// Where `text`, which begins with a quote, occurs next. It is looked for by its second byte, as quotes are frequent.
    fileprivate func firstRange(of text: StaticString, from start: Int) -> Range<Int>? {
        guard let base = baseAddress else { return nil }
        var position = start + 1
        while position < count, let found = memchr(base + position, Int32(text.utf8Start[1]), count - position) {
            let first = UnsafeRawPointer(found) - base - 1
            if hasText(text, at: first) { return first..<first + text.utf8CodeUnitCount }
            position = first + 2
        }
        return nil
    }

    /// Whether `text` stands at `position`.
    fileprivate func hasText(_ text: StaticString, at position: Int) -> Bool {
        guard let base = baseAddress, position + text.utf8CodeUnitCount <= count else { return false }
        return memcmp(base + position, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
}

extension OpenSearchError {
    /// What the error at one item means for its document.
    fileprivate var itemOutcome: ItemOutcome {
        mayPass
            ? .retry(reason: text, isUncertain: isUncertain)
            : .rejected(type: type ?? "status_\(status)", reason: reason ?? "no reason given (\(status))")
    }
}
