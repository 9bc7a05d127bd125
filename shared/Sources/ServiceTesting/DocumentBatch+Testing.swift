public import EventContract

extension DocumentBatch {
    /// A batch of these documents, as a transformer would have written it.
    ///
    /// - Parameters:
    ///   - documents: JSON, each on one line.
    ///   - sensor: makes the ids of this batch differ from those of other batches with the same documents.
    ///   - time: the time of the first event; each further one is a millisecond later.
    ///   - readTime: when the first line was read, in nanoseconds since the epoch.
    ///   - identity: of the file.
    public static func testing(
        _ documents: [String], sensor: String = "sensor", time: Int64 = 1_769_904_000_000_000_000, readTime: Int64 = 0,
        identity: FileIdentity = FileIdentity(high: 1, low: 2)
    ) throws -> DocumentBatch {
        try DocumentBatch(
            decoding: payload(documents, sensor: sensor, time: time, readTime: readTime, identity: identity))
    }

    /// The payload of the stream entry of such a batch.
    public static func payload(
        _ documents: [String], sensor: String = "sensor", time: Int64 = 1_769_904_000_000_000_000, readTime: Int64 = 0,
        identity: FileIdentity = FileIdentity(high: 1, low: 2)
    ) throws -> [UInt8] {
        var ids = EventIDSource(sensor: sensor, identity: identity)
        var encoder = DocumentBatchEncoder()
        for (index, document) in documents.enumerated() {
            Array(document.utf8).withUnsafeBytes { bytes in
                let time = time + Int64(index) * 1_000_000
                let id = ids.id(of: bytes, offset: UInt64(index), time: time)
                precondition(encoder.append(document: bytes, id: id, time: time), "the batch of a test is too large")
            }
        }
        // As in production, the header is the one of the raw batch.
        var lines = RawBatchEncoder()
        let raw = lines.finish(
            sensor: sensor, sourcePath: "/tmp/eve.json", identity: identity, readTime: readTime, endOffset: 0)
        return try encoder.finish(from: RawBatch(decoding: raw).header)
    }

    /// The ids of the documents, in order.
    public var ids: [String] { (0..<count).map { document(at: $0).id.description } }
}
