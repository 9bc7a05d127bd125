import Gzip
import HTTPClient
import HTTPTypes
import OpenSearch
import Pipeline
import Settings

/// Makes the requests about the documents of a part: to store them, and to ask which of them a data stream has.
struct PartRequests {
    /// The data stream; nil where each day has an index.
    let stream: String?
    private let endpoint: OpenSearchEndpoint
    private let gzip: GzipEncoder?

    /// - Throws: `GzipEncoder.NoMemoryError`.
    init(_ settings: OpenSearchSettings, endpoint: OpenSearchEndpoint) throws {
        self.endpoint = endpoint
        stream = settings.mode == .datastream ? settings.indexPrefix : nil
        gzip = settings.usesGzip ? try GzipEncoder() : nil
    }

    /// The bulk request for the documents.
    func storing(_ part: Delivery.Part, of held: HeldBatch) -> ClientRequest {
        var fields: HTTPFields = ["content-type": "application/x-ndjson"]
        var action = held.action
        var body: any HTTPBody = BulkBody(
            held.batch, items: part.items, classes: held.classes, unindexed: held.unindexed, action: &action)
        if let gzip {
            body = BytesBody(gzip.encode(body))
            fields.append("content-encoding", "gzip")
        }
        // The index of an event's day recognises an id that it has; a data stream may have it in another index.
        return ClientRequest(
            .post, endpoint.url("_bulk?filter_path=\(BulkAnswerReader.filterPath)"), fields: fields, body: body,
            isRepeatable: stream == nil)
    }

    /// A step of the question which of the documents the data stream has.
    func asking(
        _ step: PresenceQuestion.Step, about part: Delivery.Part, of held: HeldBatch, stream: String
    ) -> ClientRequest {
        let body = step == .search ? BytesBody(PresenceQuestion.searchBody(held.batch, items: part.items)) : nil
        return ClientRequest(
            .post, endpoint.url(PresenceQuestion.path(step, stream: stream)),
            fields: body == nil ? [:] : ["content-type": "application/json"], body: body)
    }
}
