import Files

/// What is to be done with a followed file.
enum FollowAction: Equatable {
    /// Bytes are there that have not been read.
    case read
    /// Everything is read.
    case wait
    /// The file was cut: its content from 0 on is another one.
    case startAgain
    /// Everything is read and nobody will write to it again; close it and forget it.
    case finish
    /// Everything is read and a newer file of its series is being written; close it, but look at its size now and then.
    case release
}

/// What the name under which a file is followed refers to now.
enum FollowedName: Equatable {
    /// This file.
    case own
    /// This file, and there is a newer one in its series of dated files.
    case outdated
    /// Another file: this one was renamed or deleted, and has a successor.
    case replaced
    /// Nothing: this one was renamed or deleted, and has no successor yet.
    case gone
    /// The file being read is a copy of the one that was written, read for its remainder.
    case copied
}

/// When to let go of a file.
struct FollowLimits: Equatable {
    /// How long a file must not have grown before it is let go, in nanoseconds.
    var quietNanoseconds: Int64 = 5_000_000_000
    /// How long a renamed file that still has a name must not have grown: Suricata reopens its output at its next write
    /// only, so an idle thread writes to the renamed file hours later.
    var ageNanoseconds: Int64 = 24 * 3600 * 1_000_000_000
}

/// The place in one open file, and what its size, name and links mean for it. No I/O and no clock inside.
struct FollowState {
    /// Up to where the file has been read, in bytes.
    private(set) var position: UInt64
    /// The size at the last look; after a cut, that of the old content as far as it is known.
    private(set) var size: UInt64
    /// The size that the content had for certain when it was read last.
    private var certainSize: UInt64
    private let limits: FollowLimits
    private var quietSince: Int64?

    /// - Parameters:
    ///   - position: where reading begins.
    ///   - size: the size that is known of the file, if any is.
    init(position: UInt64, size: UInt64? = nil, limits: FollowLimits = FollowLimits()) {
        self.position = position
        self.size = size ?? position
        certainSize = self.size
        self.limits = limits
    }

    /// What the file holds beyond the place, in bytes.
    var unreadBytes: UInt64 { size > position ? size - position : 0 }

    /// Says that so many bytes were read.
    mutating func advance(by count: Int) {
        position += UInt64(count)
        size = max(size, position)
        certainSize = size
    }

    /// Says that the file holds other content than was read, whose size the last look may have seen.
    mutating func noticeOtherContent() {
        size = max(certainSize, position)
    }

    /// Goes to another place of the same file.
    mutating func seek(to position: UInt64) {
        self.position = position
    }

    /// Decides what comes next.
    ///
    /// - Parameters:
    ///   - facts: what the kernel says about the open file.
    ///   - name: what its name leads to.
    ///   - isSettled: whether all that was read is stored, so that the file may be let go.
    ///   - now: nanoseconds of a clock that is never set back.
    mutating func look(at facts: FileFacts, name: FollowedName, isSettled: Bool, now: Int64) -> FollowAction {
        if facts.size < position { return .startAgain }
        quietSince = facts.size == size ? quietSince ?? now : now
        size = facts.size
        guard facts.size == position else { return .read }
        let quiet = now - (quietSince ?? now)
        guard isSettled, quiet >= limits.quietNanoseconds else { return .wait }
        return switch name {
        case .own: .wait
        case .outdated: .release
        case .copied: .finish
        case .replaced: facts.linkCount == 0 || quiet >= limits.ageNanoseconds ? .finish : .wait
        case .gone: facts.linkCount == 0 && quiet >= limits.ageNanoseconds ? .finish : .wait
        }
    }
}
