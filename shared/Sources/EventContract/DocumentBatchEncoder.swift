import Zstd

/// Collects documents into one batch, in a buffer that is kept from batch to batch.
public struct DocumentBatchEncoder {
    private let codec: BatchCodec
    private let compressor: ZstdCompressor?
    @usableFromInline var body: [UInt8] = []
    @usableFromInline var firstTime: Int64 = 0
    @usableFromInline var lastTime: Int64 = 0
    @usableFromInline var documents = 0

    @usableFromInline static let recordHeaderBytes = 44

    /// An empty batch.
    public init(codec: BatchCodec = .standard) {
        self.codec = codec
        compressor = if case .zstd(let level) = codec { ZstdCompressor(level: level) } else { nil }
    }

    /// How many documents the batch has so far.
    public var count: Int { documents }

    /// The size of the batch so far, in bytes before compression.
    public var bodyBytes: Int { body.count }

    /// Whether the batch has no document yet.
    public var isEmpty: Bool { documents == 0 }

    /// Adds one document: one line of JSON without newline.
    /// - Parameter time: the time of the event, in nanoseconds since the epoch.
    /// - Returns: false when the body would pass its bounds of bytes or records; nothing is added then.
    public mutating func append(document: UnsafeRawBufferPointer, id: EventID, time: Int64) -> Bool {
        guard body.count + Self.recordHeaderBytes + document.count <= BatchHeader.bodyBytesMax else { return false }
        return append(id: id, time: time) { $0.append(contentsOf: document) }
    }

    /// Adds one document that `write` appends to the buffer itself, which spares a copy.
    ///
    /// When `write` throws, or has written more than the batch can take, nothing is added.
    /// - Parameter write: appends to the buffer that it is given, and does not touch what is in it.
    /// - Returns: false when the body would pass its bounds of bytes or records.
    /// - Throws: what `write` throws.
    @inlinable
    public mutating func append<Failure: Error>(
        id: EventID, time: Int64, writing write: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        guard documents < BatchHeader.countMax else { return false }
        let start = body.count
        body.appendLittleEndian(UInt32(0))
        body.appendLittleEndian(EventTime.clamped(time))
        id.append(to: &body)
        do {
            try write(&body)
        } catch {
            body.removeSubrange(start...)
            throw error
        }
        guard body.count <= BatchHeader.bodyBytesMax else {
            body.removeSubrange(start...)
            return false
        }
        let length = UInt32(body.count - start - Self.recordHeaderBytes).littleEndian
        body.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: start, as: UInt32.self) }
        if documents == 0 { firstTime = time }
        lastTime = time
        documents += 1
        return true
    }

    /// The payload of the entry, with the origin of the raw batch that the documents were made of; the encoder is
    /// empty afterwards.
    public mutating func finish(from raw: BatchHeader) -> [UInt8] {
        var header = raw
        header.kind = .documents
        header.count = documents
        header.bodyBytes = body.count
        header.firstTime = firstTime
        header.lastTime = lastTime
        let payload = BatchBody.payload(header: header, body: body, codec: codec, compressor: compressor)
        removeAll()
        return payload
    }

    /// Discards the batch so far, and the buffer if one huge document has made it large.
    public mutating func removeAll() {
        body.removeAll(keepingCapacity: body.capacity <= 4 << 20)
        (documents, firstTime, lastTime) = (0, 0, 0)
    }
}
