/// What a batch says about itself in front of its body. Layout: docs/event-contract.md.
public struct BatchHeader: Equatable, Sendable {
    /// What the records of the body are.
    public enum Kind: UInt8, Sendable {
        /// Lines as the sensor wrote them.
        case raw = 1
        /// Documents ready for a store.
        case documents = 2
    }

    /// The version of the layout that this program writes, and the newest that it reads.
    public static let version: UInt8 = 1
    /// The largest body, in bytes before compression, that is written or read: 16 MiB. It has room for the longest line
    /// twice, and lets a service that has 128 MiB hold it in each of the forms that it goes through.
    public static let bodyBytesMax = 16 << 20
    /// The most records that a body has: 65,536.
    public static let countMax = 1 << 16
    /// The largest payload of an entry that is read: a body that does not shrink, and the header.
    public static let payloadBytesMax = bodyBytesMax + (1 << 20)

    /// What the records are.
    public var kind: Kind
    /// How many records the body has.
    public var count: Int = 0
    /// The size of the body before compression, in bytes.
    public var bodyBytes: Int = 0
    /// The time of the first event, in nanoseconds since the epoch; 0 when it is not known.
    public var firstTime: Int64 = 0
    /// The time of the last event, in nanoseconds since the epoch; 0 when it is not known.
    public var lastTime: Int64 = 0
    /// When the first line of the batch was read, in nanoseconds since the epoch by the reader's wall clock.
    public var readTime: Int64
    /// The file that the lines came from.
    public var identity: FileIdentity
    /// Where the first line starts in that file, in bytes.
    public var firstOffset: UInt64 = 0
    /// Where reading goes on after this batch, in bytes.
    public var endOffset: UInt64 = 0
    /// The name of the sensor, at most 65,535 bytes of UTF-8.
    public var sensor: String
    /// The path of the file when it was read, at most 65,535 bytes of UTF-8.
    public var sourcePath: String

    /// A header; count, size and times are set when a batch is finished.
    public init(
        kind: Kind, count: Int = 0, bodyBytes: Int = 0, firstTime: Int64 = 0, lastTime: Int64 = 0, readTime: Int64,
        identity: FileIdentity, firstOffset: UInt64 = 0, endOffset: UInt64 = 0, sensor: String, sourcePath: String
    ) {
        self.kind = kind
        self.count = count
        self.bodyBytes = bodyBytes
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.readTime = readTime
        self.identity = identity
        self.firstOffset = firstOffset
        self.endOffset = endOffset
        self.sensor = sensor
        self.sourcePath = sourcePath
    }

    static let magic: [UInt8] = Array("IDSB".utf8)
    static let fixedBytes = 72

    /// Appends the header; `codec` is the one of the body that follows.
    func append(to output: inout [UInt8], codec: BatchCodec) {
        output += Self.magic
        output += [Self.version, kind.rawValue, codec.code, 0]
        output.appendLittleEndian(UInt32(count))
        output.appendLittleEndian(UInt32(bodyBytes))
        for time in [firstTime, lastTime, readTime] { output.appendLittleEndian(EventTime.clamped(time)) }
        for number in [identity.high, identity.low, firstOffset, endOffset] { output.appendLittleEndian(number) }
        for text in [sensor.utf8, sourcePath.utf8] {
            let bytes = text.prefix(Int(UInt16.max))
            output.appendLittleEndian(UInt16(bytes.count))
            output += bytes
        }
    }

    /// Reads the header of a batch of the kind that the caller can use.
    /// - Returns: the header, the code of the codec and where the body starts.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, kind expected: Kind
    ) throws(ContractError) -> (header: BatchHeader, codec: UInt8, bodyStart: Int) {
        guard bytes.count >= 5, bytes.prefix(4).elementsEqual(magic), bytes[4] > 0 else { throw .notABatch }
        guard bytes[4] <= version else { throw .newerVersion(bytes[4]) }
        guard bytes.count >= fixedBytes else { throw .truncated }
        guard bytes[5] == expected.rawValue else { throw .unexpectedKind(bytes[5]) }
        guard bytes[6] <= 1, bytes[7] == 0 else { throw .unknownCodec(max(bytes[6], bytes[7])) }

        var header = BatchHeader(
            kind: expected, readTime: bytes.littleEndian(at: 32),
            identity: FileIdentity(high: bytes.littleEndian(at: 40), low: bytes.littleEndian(at: 48)),
            sensor: "", sourcePath: "")
        header.count = Int(bytes.littleEndian(at: 8, as: UInt32.self))
        header.bodyBytes = Int(bytes.littleEndian(at: 12, as: UInt32.self))
        header.firstTime = bytes.littleEndian(at: 16)
        header.lastTime = bytes.littleEndian(at: 24)
        header.firstOffset = bytes.littleEndian(at: 56)
        header.endOffset = bytes.littleEndian(at: 64)
        var position = fixedBytes
        header.sensor = try text(in: bytes, at: &position)
        header.sourcePath = try text(in: bytes, at: &position)
        guard header.bodyBytes <= bodyBytesMax else { throw .tooLarge(bytes: header.bodyBytes) }
        guard header.count <= countMax else { throw .tooMany(records: header.count) }
        for time in [header.firstTime, header.lastTime, header.readTime] where !EventTime.range.contains(time) {
            throw .impossibleTime(time)
        }
        return (header, bytes[6], position)
    }

    private static func text(
        in bytes: UnsafeRawBufferPointer, at position: inout Int
    ) throws(ContractError) -> String {
        guard bytes.count >= position + 2 else { throw .truncated }
        let start = position + 2
        position = start + Int(bytes.littleEndian(at: position, as: UInt16.self))
        guard bytes.count >= position else { throw .truncated }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }
}
