import EventContract
import Files

/// One followed file: where it is read, what is known of it, and the chain of its checkpoints.
///
/// A file is recognised by its head and by the last bytes before the place reached. Each read begins with those last
/// bytes again, so that a file which was truncated is noticed also when it has grown beyond the old place since.
final class FileCursor {
    /// How a call of `read` ended.
    enum ReadEnd {
        /// The batch is full; there may be more to read.
        case full
        /// Everything is read.
        case endOfFile
        /// The bytes before the place are not those that were read there: the content is another one.
        case changed
    }

    /// What happens to a last line without an end.
    private enum Closing {
        /// It is handed over if it is whole, else put aside as dead letter: the file is complete.
        case always
        /// It is handed over if it is whole, else left: the rest of the file may be found elsewhere.
        case ifWhole
    }

    /// How far behind the start of a batch a line may begin: the entry has 32 bits for it.
    private static let batchSpanBytesMaximum: UInt64 = 1 << 30

    /// The name under which it is followed, also after it was renamed.
    private(set) var name: String
    /// The path under that name, which is told to those who read the batches.
    private(set) var path: String
    /// What that name leads to.
    private(set) var nameTarget = FollowedName.own
    /// Whether a followed name, that one or another, leads to the file.
    private(set) var hasFollowedName = true
    /// Since when something is there to be read, in nanoseconds of the monotonic clock.
    private(set) var unreadSince: Int64?

    /// The open file; nil when it is missing or was released.
    private var file: OpenFile?
    /// Where the file lies, or lay.
    private(set) var place: FilePlace
    /// The first bytes; nil while there are none or the file was never open.
    private(set) var head: FileHead?
    /// The identity in the ids of the events; nil before the first batch.
    private(set) var identity: FileIdentity?
    /// Where the next line to hand over begins.
    private(set) var settledOffset: UInt64 = 0
    /// NUL bytes passed over since the last call of `takeSkippedZeroBytes`.
    private var skippedZeroBytes: UInt64 = 0

    private let options: FollowedFiles.Options
    private var checkpoints: CheckpointChain
    /// Set when the last line is to be handed over although it has no end.
    private var closing: Closing?
    /// Set when the place reached is to be stored although no line was read.
    private var isPlaceNews = false
    private var follow: FollowState
    private var assembler: LineAssembler
    private var headFingerprint: Fingerprint?
    private var isLaidOut = false
    /// As of the first look.
    private var firstSize: UInt64?
    /// As of the last look.
    private var modifiedTime: Int64 = 0
    /// The last bytes before the place reached.
    private var tail: [UInt8] = []
    /// The last bytes before `settledOffset`.
    private var settledTail = Fingerprint(of: [], at: 0)
    /// Where reading of a file without a checkpoint begins.
    private var start: (offset: UInt64, tail: [UInt8])?

    /// A file that was never read, to be read from its start.
    init(name: String, path: String, file: OpenFile, place: FilePlace, options: FollowedFiles.Options) {
        (self.name, self.path, self.file, self.place, self.options) = (name, path, file, place, options)
        checkpoints = CheckpointChain()
        follow = FollowState(position: 0, limits: options.limits)
        assembler = LineAssembler(lineBytesMaximum: options.lineBytesMaximum)
    }

    /// A file that was read up to a checkpoint and is to be found again.
    init(_ checkpoint: Checkpoint, text: String, options: FollowedFiles.Options) {
        self.options = options
        path = checkpoint.path
        name = String(checkpoint.path.split(separator: "/").last ?? "")
        place = checkpoint.place
        checkpoints = CheckpointChain(stored: text)
        identity = checkpoint.identity
        headFingerprint = checkpoint.head
        (settledOffset, settledTail) = (checkpoint.offset, checkpoint.tail)
        follow = FollowState(position: checkpoint.offset, size: checkpoint.size, limits: options.limits)
        assembler = LineAssembler(lineBytesMaximum: options.lineBytesMaximum)
    }

    /// The field of the checkpoint in Redis; nil before the first batch.
    var field: String? { identity.map(Checkpoint.field) }

    /// Bytes of the file that have not been read.
    var unreadBytes: UInt64 { follow.unreadBytes }

    /// Bytes that are known to be in the file and were not handed over.
    var unsettledBytes: UInt64 {
        let end = max(follow.size, follow.position)
        return end > settledOffset ? end - settledOffset : 0
    }

    /// Whether everything that the file held when it was looked at first has been handed over.
    var isPastFirstSize: Bool { firstSize.map { settledOffset >= $0 } ?? false }

    /// Whether the file was found to be laid out as no output of Suricata is, since the last call.
    func takeLayoutFault() -> Bool {
        defer { isLaidOut = false }
        return isLaidOut
    }

    /// The checkpoint in Redis when all that was sent is carried out; nil for none.
    var storedText: String? { checkpoints.last }

    /// Whether everything that was handed over is stored.
    var isSettled: Bool { checkpoints.isSettled }

    /// Whether the last line is to be handed over now although it has no end.
    var needsClosing: Bool { closing != nil }

    /// Whether the place reached is to be stored although no line was read: where a file is begun at its end, and at the
    /// start of a line.
    var needsCheckpoint: Bool { isPlaceNews && head != nil && !assembler.isInsideLine }

    /// Whether the file ends, as far as it was read, inside a line.
    private var hasUnterminatedLine: Bool { assembler.pendingBytes > 0 }

    /// Whether enough is known of the content to find it under another name.
    var isTelling: Bool { (headFingerprint?.length ?? 0) >= FileHead.tellingBytes }

    /// Looks at the open file.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    func look(now: Int64) throws(FileError) -> FollowAction {
        guard let file else { return .wait }
        if head == nil, let head = try FileHead(of: file) {
            self.head = head
            headFingerprint = head.fingerprint
            if start == nil {
                // What comes before the first record is the hole of a writer that kept its offset.
                start = (head.start, [])
                isLaidOut = head.bytes.withUnsafeBytes { EventLine.isLaidOut($0) }
                skippedZeroBytes += head.start
                seek(to: head.start, tail: [])
            }
        }
        let facts = try file.facts()
        firstSize = firstSize ?? facts.size
        let action = follow.look(at: facts, name: nameTarget, isSettled: isSettled, now: now)
        defer { modifiedTime = facts.modifiedTime }
        guard action == .read else {
            // Written to, but not longer: it may have been cut and filled again.
            if facts.modifiedTime != modifiedTime, action != .startAgain,
                try file.bytes(at: follow.position - UInt64(tail.count), count: tail.count) != tail
            {
                follow.noticeOtherContent()
                return .startAgain
            }
            guard action == .finish, hasUnterminatedLine else { return action }
            closing = .always
            return .wait
        }
        // A file of nothing but NUL bytes holds nothing yet.
        if head == nil { return .wait }
        unreadSince = unreadSince ?? now
        return .read
    }

    /// Reads lines into a batch until it is full or the file ends.
    ///
    /// - Parameter buffer: room for the chunks; it must be larger than `Checkpoint.tailBytesMaximum`.
    /// - Throws: `FileError`; the next look finds what is there to be read.
    func read(into builder: inout BatchBuilder, buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> ReadEnd {
        do throws(FileError) {
            return try readOn(into: &builder, buffer: buffer)
        } catch {
            unreadSince = nil
            throw error
        }
    }

    private func readOn(
        into builder: inout BatchBuilder, buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> ReadEnd {
        guard let file, head != nil else { return .endOfFile }
        let batchStart = follow.position
        while !builder.isFull, follow.position - batchStart < Self.batchSpanBytesMaximum {
            let overlap = tail.count
            let position = follow.position
            let count = try file.read(into: buffer, at: position - UInt64(overlap))
            let window = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            guard window.starts(with: tail) else {
                follow.noticeOtherContent()
                return .changed
            }
            guard count > overlap else {
                unreadSince = nil
                return .endOfFile
            }
            let zeros = assembler.skippedZeroBytes
            let used = assembler.consume(
                UnsafeRawBufferPointer(rebasing: window[overlap...]), at: position, into: &builder)
            skippedZeroBytes += assembler.skippedZeroBytes - zeros
            follow.advance(by: used)
            tail = window.tail(endingAt: overlap + used)
            let settled = assembler.settledOffset(at: follow.position)
            // A line that began in an earlier chunk leaves the settled place where it is.
            if settled > settledOffset, settled >= position {
                let bytes = window.tail(endingAt: overlap + Int(settled - position))
                settledTail = Fingerprint(of: bytes, at: settled - UInt64(bytes.count))
                settledOffset = settled
            }
        }
        return .full
    }

    /// Hands over the last line although it has no end: the file will not be written to any more.
    func closeLastLine(into builder: inout BatchBuilder) {
        defer { closing = nil }
        // What is left of a complete file without being a line is nothing that could be lost.
        guard assembler.close(onlyWhole: closing == .ifWhole, into: &builder) || closing == .always else { return }
        settledOffset = follow.position
        settledTail = Fingerprint(of: tail, at: settledOffset - UInt64(tail.count))
    }

    /// The checkpoint behind everything that was handed over; fixes the identity.
    ///
    /// - Parameter time: now, in nanoseconds since the epoch.
    func checkpoint(time: Int64) -> Checkpoint {
        growHead()
        let head = head ?? FileHead(start: 0, bytes: [])
        let identity = identity ?? head.identity(at: place)
        self.identity = identity
        isPlaceNews = false
        return Checkpoint(
            offset: settledOffset, size: max(follow.size, follow.position), identity: identity, place: place,
            head: headFingerprint ?? head.fingerprint, tail: settledTail, time: time, path: path)
    }

    /// Takes note that a checkpoint of the file is sent, or the removal of the last one.
    /// - Returns: the checkpoint that it builds on; nil for none.
    func send(_ text: String?) -> String? { checkpoints.append(text) }

    /// Takes note that Redis has carried out what was sent.
    func confirm(_ text: String?) { checkpoints.confirm(text) }

    /// How many NUL bytes were passed over since the last call.
    func takeSkippedZeroBytes() -> UInt64 {
        defer { skippedZeroBytes = 0 }
        return skippedZeroBytes
    }

    /// The head grows with a file that was short when it was met.
    private func growHead() {
        guard let file, let head, !head.isComplete,
            let bytes = try? file.bytes(at: head.start, count: FileHead.bytesMaximum),
            // Anything else is the content that has taken the place of this one; the next read will tell.
            bytes.count > head.bytes.count, bytes.starts(with: head.bytes)
        else { return }
        self.head = FileHead(start: head.start, bytes: bytes)
        headFingerprint = self.head?.fingerprint
    }

    private func seek(to offset: UInt64, tail: [UInt8], discardingFirstLine: Bool = false) {
        follow.seek(to: offset)
        assembler.reset(discardingFirstLine: discardingFirstLine)
        settledOffset = offset
        self.tail = tail
        settledTail = Fingerprint(of: tail, at: offset - UInt64(tail.count))
    }
}

// MARK: - Finding the place

extension FileCursor {
    /// Takes note of what the name leads to now.
    ///
    /// - Parameter isFollowed: whether a followed name, that one or another, leads to the file.
    /// - Returns: whether the file was found to have been rotated.
    func noteName(_ target: FollowedName, isFollowed: Bool) -> Bool {
        hasFollowedName = isFollowed
        // A copy has never been the file of the name.
        guard nameTarget != .copied else { return false }
        defer { nameTarget = target }
        return target == .replaced && nameTarget != .replaced
    }

    /// Begins a file that was never read at its end: behind its last line, or, when that is still being written, behind
    /// what is there of it.
    func startAtEnd() throws(FileError) {
        guard let file else { return }
        let size = try file.facts().size
        let length = min(size, UInt64(Checkpoint.tailBytesMaximum))
        let tail = try file.bytes(at: size - length, count: Int(length))
        start = (size, tail)
        seek(to: size, tail: tail, discardingFirstLine: !tail.isEmpty && tail.last != UInt8(ascii: "\n"))
        isPlaceNews = size > 0
    }

    /// Whether a file holds what was read here, up to the place behind the last line that was handed over.
    func recognises(_ other: OpenFile) throws(FileError) -> Bool {
        guard let head = headFingerprint, try other.facts().size >= settledOffset else { return false }
        guard head.matches(try other.bytes(at: head.start, count: head.length)) else { return false }
        return settledTail.matches(try other.bytes(at: settledTail.start, count: settledTail.length))
    }

    /// Goes on in a file that `recognises` has approved, behind the last line that was handed over.
    func adopt(
        _ file: OpenFile, at place: FilePlace, named name: String? = nil, path: String? = nil,
        as target: FollowedName
    ) throws(FileError) {
        let tail = try file.bytes(at: settledTail.start, count: settledTail.length)
        head = try FileHead(of: file)
        (self.file, self.place, nameTarget) = (file, place, target)
        (self.name, self.path) = (name ?? self.name, path ?? self.path)
        start = start ?? (head?.start ?? 0, [])
        seek(to: settledOffset, tail: tail)
    }

    /// Closes the file. It stays known where it lies and how far it was read.
    func release() {
        file = nil
        unreadSince = nil
    }

    /// Closes the file and forgets where it lies, because other content lies there now.
    func leavePlace() {
        release()
        place.inode = 0
    }

    /// Leaves the open file to a cursor that reads it from its start, because it was cut: what was read here is looked for
    /// elsewhere.
    ///
    /// - Returns: that cursor; nil when no file is open.
    func leaveFile() -> FileCursor? {
        guard let file else { return nil }
        let heir = FileCursor(name: name, path: path, file: file, place: place, options: options)
        heir.nameTarget = nameTarget
        // Its last line may lack nothing but the newline; if it is cut, a copy of the file may have the rest.
        closing = hasUnterminatedLine ? .ifWhole : nil
        leavePlace()
        return heir
    }

    /// Goes back to what Redis holds, because what was sent since is lost or was refused.
    ///
    /// - Parameter text: the checkpoint of this file, nil when there is none.
    /// - Returns: false when the file no longer holds what was read there.
    func rewind(to text: String?) throws(FileError) -> Bool {
        checkpoints = CheckpointChain(stored: text)
        let checkpoint = text.flatMap(Checkpoint.init)
        if let checkpoint {
            if checkpoint.offset == settledOffset { return true }
            (settledOffset, settledTail) = (checkpoint.offset, checkpoint.tail)
        } else {
            let start = start ?? (head?.start ?? 0, [])
            settledOffset = start.offset
            settledTail = Fingerprint(of: start.tail, at: start.offset - UInt64(start.tail.count))
        }
        assembler.reset()
        closing = nil
        // Without a head there was nothing to read.
        guard let file, head != nil else { return true }
        guard try recognises(file) else { return false }
        try adopt(file, at: place, as: nameTarget)
        return true
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func tail(endingAt end: Int) -> [UInt8] {
        Array(self[..<end].suffix(Checkpoint.tailBytesMaximum))
    }
}
