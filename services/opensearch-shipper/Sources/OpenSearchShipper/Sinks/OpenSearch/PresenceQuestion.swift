import EventContract
import HTTPClient
import HTTPTypes
import JSON
import OpenSearch

/// The question which documents a data stream has already.
///
/// A data stream takes an id once in each of its backing indexes, and writes to the newest. So a document that may be
/// in an older one, because an answer or an acknowledgement was lost before the stream got its next index, is asked
/// for before it is sent again: by its id, in all backing indexes, after a refresh, as a search sees only what was
/// there at the last one.
enum PresenceQuestion {
    /// The requests, in their order.
    enum Step {
        /// Makes all findable that was put before this request.
        case refresh
        /// Asks for the ids.
        case search
    }

    /// The most ids that are asked for at once. OpenSearch gives 10,000 hits (`index.max_result_window`), and a stream
    /// that was written without this question may have an id twice.
    static let idsMax = 5_000

    private static let errorPath = "status,error.type,error.reason,error.caused_by.reason"

    /// The path of a step with its query.
    ///
    /// A partial answer does not count: the primary of every shard must answer, as it alone has everything where OpenSearch
    /// replicates by segments.
    static func path(_ step: Step, stream: String) -> String {
        switch step {
        case .refresh: "\(stream)/_refresh?filter_path=_shards.failed,_shards.failures.reason,\(errorPath)"
        case .search:
            "\(stream)/_search?preference=_primary&allow_partial_search_results=false"
                + "&filter_path=timed_out,_shards.failed,hits.hits._id,\(errorPath)"
        }
    }

    /// The body of the search for these documents of a batch.
    static func searchBody(_ batch: DocumentBatch, items: [Int]) -> [UInt8] {
        JSONWriter.object { json in
            json.member("size", items.count * 2)
            json.member("_source", false)
            json.member("track_total_hits", false)
            json.member("sort", ["_doc"])
            json.object("query") { json in
                json.object("ids") { json in
                    json.array("values") { json in
                        for item in items {
                            json.text { batch.document(at: item).id.append(to: &$0) }
                        }
                    }
                }
            }
        }
    }
}

/// What OpenSearch's answer to a step of ``PresenceQuestion`` means.
enum PresenceVerdict: Equatable {
    /// All that was put before is findable now.
    case refreshed
    /// These ids are there, and no others of those that were asked for.
    case there(Set<String>)
    /// It is not known what is there, and nothing may be sent.
    case unknown(reason: String, waitSeconds: Int?)

    init(_ response: ClientResponse, to step: PresenceQuestion.Step) {
        self = response.body.withUnsafeBytes { body in
            var tree = JSONTree()
            return Self(response, try? tree.parse(body), step)
        }
    }

    private init(_ response: ClientResponse, _ root: JSONNode?, _ step: PresenceQuestion.Step) {
        let error = OpenSearchError(of: root, status: response.status.code)
        let failures = root?["_shards"]?["failed"]?.int64
        switch (step, response.status) {
        case (.refresh, 200) where failures == 0: self = .refreshed
        case (.search, 200) where failures == 0 && root?["timed_out"]?.bool == false:
            let hits = root?["hits"]?["hits"]?.elements
            self = .there(Set(hits?.compactMap { $0["_id"]?.string } ?? []))
        case (_, 404) where error.type == "index_not_found_exception":
            // The first document will make the stream.
            self = .there([])
        case (_, 200):
            var elements = root?["_shards"]?["failures"]?.elements
            let cause = elements?.next()?["reason"].map { OpenSearchError(item: $0, status: response.status.code).text }
            self = Self.unknown(cause ?? "the answer is not OpenSearch's, or not whole", response)
        default: self = Self.unknown(error.description, response)
        }
    }

    private static func unknown(_ reason: String, _ response: ClientResponse) -> PresenceVerdict {
        .unknown(
            reason: "it cannot be asked which documents the data stream has already: \(reason)",
            waitSeconds: response.retryAfterSeconds)
    }
}
