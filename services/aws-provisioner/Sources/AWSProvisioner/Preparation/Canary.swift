import CivilTime
import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import Settings

/// One document that goes the way of all others, is found, and removed again: the proof that events can come.
///
/// It has an index of its own, so that nothing of it is left among events; the template of the suite applies to it.
struct Canary {
    /// `suricata-canary`.
    let index: String
    private let id: String
    private let client: StoreClient

    init(_ store: OpenSearchSettings, _ client: StoreClient) {
        index = "\(store.indexPrefix)-canary"
        id = String(UInt64.random(in: .min ... .max), radix: 16)
        self.client = client
    }

    /// Sends it by a bulk request, as events are sent.
    ///
    /// - Throws: `HTTPError`, ``StoreRefusal``.
    func send() throws {
        var body = JSONWriter.object { json in
            json.object("create") {
                $0.member("_index", index); $0.member("_id", id)
            }
        }
        body.append(UInt8(ascii: "\n"))
        body += JSONWriter.object { json in
            json.member("@timestamp", UTCTimestamp(WallClock.nanoseconds(), .milliseconds).description)
            json.member("message", "aws-provisioner looks whether documents can be stored and found")
            json.member("tags", ["ids-suite-canary"])
        }
        body.append(UInt8(ascii: "\n"))
        let refusal = try client.call(
            "a bulk request", .post, "_bulk?refresh=true", body, contentType: "application/x-ndjson"
        ) { answer -> StoreRefusal?? in
            guard let item = answer["items"]?.onlyElement?["create"], let status = item["status"]?.int64 else {
                return nil
            }
            let isTaken = 200..<300 ~= status
            return .some(isTaken ? nil : StoreRefusal("a document", status: Int(status), answer: nil, item: item))
        }
        if let refusal { throw refusal }
    }

    /// Searches for it.
    ///
    /// - Throws: `HTTPError`, ``StoreRefusal``.
    func find() throws {
        let query = JSONWriter.object { json in
            json.object("query") { $0.object("ids") { $0.member("values", [id]) } }
        }
        _ = try client.call("a search for the document", .post, "\(index)/_search", query) { answer in
            answer["hits"]?["hits"]?.onlyElement?["_id"]?.string == id ? true : nil
        }
    }

    /// Removes its index, with what an earlier one may have left there.
    ///
    /// - Throws: `HTTPError`, ``StoreRefusal``.
    func remove() throws {
        _ = try client.call("removing the index", .delete, index, isMissingAllowed: true) { answer in
            answer["acknowledged"]?.bool == true || answer["status"]?.int64 == 404 ? true : nil
        }
    }
}
