public import Zstd

/// A raw batch as a consumer reads it. Everything is checked when it is made, so walking it cannot fail.
public struct RawBatch: Sendable {
    /// What the batch says about itself.
    public let header: BatchHeader
    private let body: [UInt8]

    /// Decodes the payload of an entry.
    /// - Parameter decompressor: one that is used again saves the memory and time for a new one.
    /// - Throws: every case of ``ContractError``. After ``ContractError/newerVersion(_:)`` the payload must be kept for a newer
    ///   program; the others mean that it can never be read.
    public init(
        decoding payload: [UInt8], with decompressor: ZstdDecompressor? = nil
    ) throws(ContractError) {
        (header, body) = try BatchBody.decode(payload, kind: .raw, decompressor: decompressor ?? ZstdDecompressor())
        let records = body.withUnsafeBytes { body -> Int? in
            var (position, records) = (0, 0)
            while body.count - position >= RawBatchEncoder.recordHeaderBytes {
                position += RawBatchEncoder.recordHeaderBytes + Int(body.littleEndian(at: position, as: UInt32.self))
                records += 1
            }
            return position == body.count ? records : nil
        }
        guard let records else { throw .corruptBody("a line reaches over the end") }
        guard records == header.count else { throw .corruptBody("\(records) lines instead of \(header.count)") }
    }

    /// Calls `visit` with each line (without newline) and the offset in the file where it starts, in order.
    ///
    /// The pointer is only good inside the call.
    public func forEachLine(_ visit: (_ line: UnsafeRawBufferPointer, _ offset: UInt64) throws -> Void) rethrows {
        try body.withUnsafeBytes { body in
            var position = 0
            while position < body.count {
                let length = Int(body.littleEndian(at: position, as: UInt32.self))
                let offset = header.firstOffset &+ UInt64(body.littleEndian(at: position + 4, as: UInt32.self))
                let start = position + RawBatchEncoder.recordHeaderBytes
                try visit(UnsafeRawBufferPointer(rebasing: body[start..<start + length]), offset)
                position = start + length
            }
        }
    }
}
