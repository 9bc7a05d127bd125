public import Zstd

/// A batch of documents as a consumer reads it, with each document in reach by its number.
///
/// Everything is checked when it is made.
public struct DocumentBatch: Sendable {
    /// What the batch says about itself.
    public let header: BatchHeader
    private let body: [UInt8]
    /// Where the record of each document starts.
    private let records: [UInt32]

    /// One document, in place.
    public struct Document: Sendable {
        /// The id, which a replay gives again.
        public var id: EventID
        /// The time of the event, in nanoseconds since the epoch.
        public var time: Int64
        /// Where the JSON lies among the bytes that ``DocumentBatch/withBytes(_:)`` lends.
        public var range: Range<Int>
    }

    /// Decodes the payload of an entry.
    /// - Parameter decompressor: one that is used again saves the memory and time for a new one.
    /// - Throws: every case of ``ContractError``. After ``ContractError/newerVersion(_:)`` the payload must be kept for a newer
    ///   program; the others mean that it can never be read.
    public init(
        decoding payload: [UInt8], with decompressor: ZstdDecompressor? = nil
    ) throws(ContractError) {
        (header, body) = try BatchBody.decode(
            payload, kind: .documents, decompressor: decompressor ?? ZstdDecompressor())
        // The number of documents is bounded by the bytes that are there, not by what the header says.
        let possible = body.count / DocumentBatchEncoder.recordHeaderBytes
        var records: [UInt32] = []
        let promised = header.count
        records.reserveCapacity(min(promised, possible))
        let problem = body.withUnsafeBytes { body -> String? in
            var position = 0
            while body.count - position >= DocumentBatchEncoder.recordHeaderBytes {
                guard EventID.isWellFormed(body, at: position + 12) else { return "an id has other characters" }
                guard EventTime.range.contains(body.littleEndian(at: position + 4)) else { return "an impossible time" }
                guard records.count < promised else { return "more than \(promised) documents" }
                records.append(UInt32(position))
                let length = Int(body.littleEndian(at: position, as: UInt32.self))
                position += DocumentBatchEncoder.recordHeaderBytes + length
            }
            return position == body.count ? nil : "a document reaches over the end"
        }
        if let problem { throw .corruptBody(problem) }
        guard records.count == header.count else {
            throw .corruptBody("\(records.count) documents instead of \(header.count)")
        }
        self.records = records
    }

    /// How many documents there are.
    public var count: Int { records.count }

    /// The document with this number, from 0 to ``count`` - 1.
    public func document(at index: Int) -> Document {
        let start = Int(records[index])
        return body.withUnsafeBytes { body in
            let length = Int(body.littleEndian(at: start, as: UInt32.self))
            let first = start + DocumentBatchEncoder.recordHeaderBytes
            return Document(
                id: EventID(ascii: body, at: start + 12), time: body.littleEndian(at: start + 4),
                range: first..<first + length)
        }
    }

    /// Lends the bytes that the ranges of the documents lie in. The pointer is only good inside the call.
    public func withBytes<Result>(_ use: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body.withUnsafeBytes(use)
    }
}
