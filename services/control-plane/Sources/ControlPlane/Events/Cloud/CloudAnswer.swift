import EventContract
import JSON

/// What OpenSearch has answered to a search.
struct CloudAnswer: Sendable {
    let bytes: [UInt8]

    /// Lends the answer, parsed.
    func read<Result>(_ body: (JSONNode) throws -> Result) rethrows -> Result {
        var tree = JSONTree()
        return try bytes.withUnsafeBytes { bytes in
            // It was parsed before, when it came.
            guard let root = try? tree.parse(bytes) else { preconditionFailure("an answer has changed") }
            return try body(root)
        }
    }

    /// Shows the events, in the order of the answer.
    func visit(_ body: (CloudHit) throws -> Void) rethrows {
        try read { root in
            for hit in root["hits"]?["hits"]?.elements ?? root.elements {
                if let hit = CloudHit(hit) { try body(hit) }
            }
        }
    }

    /// The times of the events, in milliseconds since the epoch.
    var milliseconds: [Int64] {
        var times: [Int64] = []
        visit { times.append($0.milliseconds) }
        return times
    }
}

/// An event in OpenSearch's answer; it lasts as long as that is read.
struct CloudHit {
    let id: String
    /// By which OpenSearch orders it, since the epoch.
    let milliseconds: Int64
    /// Nanoseconds since the epoch.
    let timestamp: Int64
    let document: JSONNode

    init?(_ hit: JSONNode) {
        guard let id = hit["_id"]?.string, let document = hit["_source"], document.kind == .object,
            let milliseconds = hit["sort"]?.elements.first(where: { _ in true })?.int64
        else { return nil }
        (self.id, self.milliseconds, self.document) = (id, milliseconds, document)
        timestamp = document["@timestamp"].flatMap(EventTime.parse) ?? milliseconds &* 1_000_000
    }
}
