/// The numbers at the front of a batch of either kind, for readers that need neither its names nor its body.
public struct BatchFront: Equatable, Sendable {
    /// How many of a payload's first bytes are looked at.
    public static let bytesRead = 40

    /// What the records are.
    public let kind: BatchHeader.Kind
    /// How many records the batch has.
    public let count: Int
    /// The size that the body has before compression, in bytes, as the batch says.
    public let bodyBytes: Int
    /// The time of the first event, in nanoseconds since the epoch; 0 when it is not known.
    public let firstTime: Int64
    /// The time of the last event, in nanoseconds since the epoch; 0 when it is not known.
    public let lastTime: Int64
    /// When the first line was read, in nanoseconds since the epoch.
    public let readTime: Int64

    /// Reads the front of a payload of at least ``bytesRead`` bytes; nil when it is not a batch that this program knows.
    public init?(_ payload: [UInt8]) {
        guard payload.count >= Self.bytesRead, payload.starts(with: BatchHeader.magic),
            payload[4] == BatchHeader.version, let kind = BatchHeader.Kind(rawValue: payload[5])
        else { return nil }
        self.kind = kind
        (count, bodyBytes, firstTime, lastTime, readTime) = payload.withUnsafeBytes { bytes in
            (
                Int(bytes.littleEndian(at: 8, as: UInt32.self)), Int(bytes.littleEndian(at: 12, as: UInt32.self)),
                bytes.littleEndian(at: 16),
                bytes.littleEndian(at: 24), bytes.littleEndian(at: 32)
            )
        }
        guard [firstTime, lastTime, readTime].allSatisfy(EventTime.range.contains) else { return nil }
    }
}
