import Zstd

/// How the body of a batch is written.
public enum BatchCodec: Equatable, Sendable {
    /// As it is.
    case plain
    /// As one zstd frame, at this level (-7 to 19).
    case zstd(level: Int)

    /// The level that costs least for what it saves, by measurement; see docs/decisions/zstd-level.md.
    public static let standard = BatchCodec.zstd(level: 1)

    var code: UInt8 {
        switch self {
        case .plain: 0
        case .zstd: 1
        }
    }
}
