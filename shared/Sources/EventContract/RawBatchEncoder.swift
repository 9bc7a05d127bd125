import Zstd

/// Collects lines into one raw batch, in a buffer that is kept from batch to batch.
public struct RawBatchEncoder {
    private let codec: BatchCodec
    private let compressor: ZstdCompressor?
    private var body: [UInt8] = []
    private var firstOffset: UInt64 = 0
    private var lastRecord = 0
    /// How many lines the batch has so far.
    public private(set) var count = 0

    static let recordHeaderBytes = 8

    /// An empty batch.
    public init(codec: BatchCodec = .standard) {
        self.codec = codec
        compressor = if case .zstd(let level) = codec { ZstdCompressor(level: level) } else { nil }
    }

    /// The size of the batch so far, in bytes before compression.
    public var bodyBytes: Int { body.count }

    /// Whether the batch has no line yet.
    public var isEmpty: Bool { count == 0 }

    /// Adds one line (without its newline) that starts at `offset` of the file.
    ///
    /// - Returns: false when the line cannot go into this batch (the body would pass its bounds of bytes or records, or
    ///   the line starts 4 GiB behind the first one, or before it): finish the batch and add the line to the next.
    ///   A line that an empty batch refuses is too long for any.
    public mutating func append(_ line: UnsafeRawBufferPointer, offset: UInt64) -> Bool {
        let start = isEmpty ? offset : firstOffset
        guard count < BatchHeader.countMax,
            body.count + Self.recordHeaderBytes + line.count <= BatchHeader.bodyBytesMax,
            offset >= start, offset - start <= UInt64(UInt32.max)
        else { return false }
        firstOffset = start
        lastRecord = body.count
        body.appendLittleEndian(UInt32(line.count))
        body.appendLittleEndian(UInt32(offset - start))
        body.append(contentsOf: line)
        count += 1
        return true
    }

    /// The payload of the entry; the encoder is empty afterwards.
    ///
    /// The times of the first and the last event are read from the front of their lines.
    /// - Parameters:
    ///   - sensor: the name of the sensor.
    ///   - sourcePath: the path of the file.
    ///   - identity: the identity of the file.
    ///   - readTime: when the first line was read, in nanoseconds since the epoch.
    ///   - endOffset: where reading goes on after this batch.
    public mutating func finish(
        sensor: String, sourcePath: String, identity: FileIdentity, readTime: Int64, endOffset: UInt64
    ) -> [UInt8] {
        var header = BatchHeader(
            kind: .raw, count: count, bodyBytes: body.count, readTime: readTime, identity: identity,
            firstOffset: firstOffset, endOffset: endOffset, sensor: sensor, sourcePath: sourcePath)
        header.firstTime = time(ofRecordAt: 0)
        header.lastTime = time(ofRecordAt: lastRecord)
        let payload = BatchBody.payload(header: header, body: body, codec: codec, compressor: compressor)
        removeAll()
        return payload
    }

    /// Discards the batch so far, and the buffer if one huge line has made it large.
    public mutating func removeAll() {
        body.removeAll(keepingCapacity: body.capacity <= 4 << 20)
        (count, firstOffset, lastRecord) = (0, 0, 0)
    }

    private func time(ofRecordAt start: Int) -> Int64 {
        body.withUnsafeBytes { body in
            guard body.count >= start + Self.recordHeaderBytes else { return 0 }
            let length = Int(body.littleEndian(at: start, as: UInt32.self))
            let line = UnsafeRawBufferPointer(rebasing: body[(start + Self.recordHeaderBytes)...].prefix(length))
            return EventTime.atFront(of: line) ?? 0
        }
    }
}
