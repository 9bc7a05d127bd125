/// Why bytes from a stream are not a batch that this program can read.
public enum ContractError: Error, Equatable, CustomStringConvertible {
    /// The bytes do not start with the mark of a batch.
    case notABatch
    /// A later version of the layout than this program knows. The bytes are not garbage, so the entry may not be acknowledged
    /// or dropped: the consumer stops and has to be updated.
    case newerVersion(UInt8)
    /// A batch of another kind than the stream is for.
    case unexpectedKind(UInt8)
    /// A codec or flags that version 1 does not have.
    case unknownCodec(UInt8)
    /// The bytes end inside the header or the body.
    case truncated
    /// The header promises a body above ``BatchHeader/bodyBytesMax``.
    case tooLarge(bytes: Int)
    /// The header promises more than ``BatchHeader/countMax`` records.
    case tooMany(records: Int)
    /// A time lies outside of ``EventTime/range``.
    case impossibleTime(Int64)
    /// The body does not hold what the header promises.
    case corruptBody(String)

    /// One sentence for a log or a dead letter.
    public var description: String {
        switch self {
        case .notABatch: "the entry is not a batch"
        case .newerVersion(let version):
            "the batch has layout version \(version), this program reads up to \(BatchHeader.version): update it"
        case .unexpectedKind(let kind): "the batch is of the unexpected kind \(kind)"
        case .unknownCodec(let codec): "the batch has the unknown codec or flags \(codec)"
        case .truncated: "the batch is cut short"
        case .tooLarge(let bytes): "the batch claims a body of \(bytes) bytes"
        case .tooMany(let records): "the batch claims \(records) records"
        case .impossibleTime(let time): "the batch has the impossible time \(time)"
        case .corruptBody(let reason): "the body of the batch is corrupt: \(reason)"
        }
    }
}
