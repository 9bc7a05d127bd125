import EventContract
import Glibc

/// Where the lines of a file go.
protocol LineSink {
    /// Takes one complete line.
    ///
    /// - Parameters:
    ///   - line: its bytes without the end of line; valid during the call only, never empty.
    ///   - offset: where in the file it begins.
    /// - Returns: whether the sink wants more now.
    mutating func append(_ line: UnsafeRawBufferPointer, at offset: UInt64) -> Bool

    /// Takes notice of a line that is longer than the bound.
    ///
    /// - Parameters:
    ///   - prefix: its first bytes.
    ///   - length: how long it is in the file, without the newline.
    ///   - offset: where in the file it begins.
    /// - Returns: whether the sink wants more now.
    mutating func reject(oversize prefix: UnsafeRawBufferPointer, length: UInt64, at offset: UInt64) -> Bool

    /// Takes the last line of a file, which has no end of line.
    mutating func append(unterminated line: UnsafeRawBufferPointer, at offset: UInt64)
}

/// Cuts the bytes of a file, which arrive in chunks, into lines.
///
/// Ends of line are LF and CRLF. Empty lines are passed over, with or without a byte order mark, and so are NUL bytes at
/// the start of a line, which a file shows where it was truncated under a writer that kept its offset. A line that is cut
/// by the end of a chunk is kept in memory until its rest arrives; only such a line is copied here. Memory grows with a
/// long line up to the bound and is given back after it.
struct LineAssembler {
    /// How much of an oversize line is kept for the dead letter.
    static let oversizePrefixBytes = 1024

    /// What a kept buffer may hold on to between lines; the longest lines of a default configuration are 9 KB.
    private static let idleCapacityBytes = 64 * 1024

    private enum State {
        /// Bytes belong to a line that is passed on.
        case collecting
        /// The line is beyond the bound; so many bytes of it have passed.
        case oversize(length: UInt64)
        /// The line began before the place where reading starts and is not wanted.
        case discarding
    }

    private let lineBytesMaximum: Int
    private var state = State.collecting
    private var pending: [UInt8] = []
    private var lineStart: UInt64 = 0

    /// NUL bytes passed over since the start.
    private(set) var skippedZeroBytes: UInt64 = 0

    /// - Parameter lineBytesMaximum: the longest line that is passed on, in bytes without its end.
    init(lineBytesMaximum: Int) {
        self.lineBytesMaximum = lineBytesMaximum
    }

    /// Bytes of a line whose end has not been seen, kept in memory.
    var pendingBytes: Int { pending.count }

    /// Whether the place reached is inside a line.
    var isInsideLine: Bool {
        if case .collecting = state { !pending.isEmpty } else { true }
    }

    /// Where the next line to pass on begins, when `position` is the place reached: what a checkpoint may say.
    func settledOffset(at position: UInt64) -> UInt64 {
        if case .discarding = state { position } else { isInsideLine ? lineStart : position }
    }

    /// Forgets the started line, to go on at another place.
    ///
    /// - Parameter discardingFirstLine: whether that place may be inside a line whose rest is not wanted.
    mutating func reset(discardingFirstLine: Bool = false) {
        state = discardingFirstLine ? .discarding : .collecting
        dropPending()
    }

    /// Passes the lines that end in a chunk to a sink, and keeps the start of a line at its end.
    ///
    /// - Parameters:
    ///   - chunk: bytes that follow those of the last call.
    ///   - offset: where in the file the chunk begins.
    ///   - sink: takes the lines; when it wants no more, the call ends behind the line that it took last.
    /// - Returns: how many bytes were used: all of them unless the sink wanted no more.
    mutating func consume(
        _ chunk: UnsafeRawBufferPointer, at offset: UInt64, into sink: inout some LineSink
    ) -> Int {
        var used = 0
        while used < chunk.count {
            if !isInsideLine, chunk[used] == 0 {
                let zeros = chunk[used...].prefix { $0 == 0 }.count
                skippedZeroBytes += UInt64(zeros)
                used += zeros
                continue
            }
            let rest = UnsafeRawBufferPointer(rebasing: chunk[used...])
            guard let end = rest.firstNewline else {
                keep(rest, at: offset + UInt64(used))
                return chunk.count
            }
            let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
            let wantsMore = finish(line, at: offset + UInt64(used), into: &sink)
            used += end + 1
            if !wantsMore { return used }
        }
        return used
    }

    /// Passes on what is there of the last line: its end will not come.
    ///
    /// - Parameter onlyWhole: whether a line that is no closed object is dropped.
    /// - Returns: whether something was passed on.
    mutating func close(onlyWhole: Bool, into sink: inout some LineSink) -> Bool {
        defer { reset() }
        return pending.withUnsafeBytes { bytes in
            let line = bytes.withoutCarriageReturn
            guard !EventLine.isEmpty(line) else { return false }
            switch state {
            case .collecting where !onlyWhole || line.isClosedObject: sink.append(unterminated: line, at: lineStart)
            case .oversize(let length) where !onlyWhole: _ = sink.reject(oversize: bytes, length: length, at: lineStart)
            default: return false
            }
            return true
        }
    }

    /// Ends the line with its last piece.
    private mutating func finish(
        _ piece: UnsafeRawBufferPointer, at offset: UInt64, into sink: inout some LineSink
    ) -> Bool {
        switch state {
        case .collecting where pending.isEmpty && piece.count <= lineBytesMaximum:
            let line = piece.withoutCarriageReturn
            return EventLine.isEmpty(line) || sink.append(line, at: offset)
        case .collecting where pending.count + piece.count <= lineBytesMaximum:
            pending.append(contentsOf: piece)
            defer { dropPending() }
            return pending.withUnsafeBytes { bytes in
                let line = bytes.withoutCarriageReturn
                return EventLine.isEmpty(line) || sink.append(line, at: lineStart)
            }
        case .collecting, .oversize:
            keep(piece, at: offset)
            guard case .oversize(let length) = state else { preconditionFailure("an oversize line is one") }
            defer { reset() }
            return pending.withUnsafeBytes { sink.reject(oversize: $0, length: length, at: lineStart) }
        case .discarding:
            state = .collecting
            return true
        }
    }

    /// Takes a piece of a line whose end is not in sight.
    private mutating func keep(_ piece: UnsafeRawBufferPointer, at offset: UInt64) {
        switch state {
        case .collecting:
            if pending.isEmpty { lineStart = offset }
            let length = pending.count + piece.count
            if length > lineBytesMaximum {
                state = .oversize(length: UInt64(length))
                keepPrefix(piece)
            } else {
                pending.append(contentsOf: piece)
            }
        case .oversize(let length):
            state = .oversize(length: length + UInt64(piece.count))
        case .discarding:
            break
        }
    }

    /// Cuts what is kept of an oversize line down to its prefix, and gives the memory back.
    private mutating func keepPrefix(_ piece: UnsafeRawBufferPointer) {
        var prefix = Array(pending.prefix(Self.oversizePrefixBytes))
        prefix.append(contentsOf: piece.prefix(Self.oversizePrefixBytes - prefix.count))
        pending = prefix
    }

    private mutating func dropPending() {
        if pending.capacity > Self.idleCapacityBytes {
            pending = []
        } else {
            pending.removeAll(keepingCapacity: true)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The index of the first LF. `memchr` looks at 32 bytes at a time, which no loop in Swift does here.
    fileprivate var firstNewline: Int? {
        guard let start = baseAddress, let found = memchr(start, Int32(UInt8(ascii: "\n")), count) else { return nil }
        return UnsafeRawPointer(found) - start
    }

    fileprivate var withoutCarriageReturn: UnsafeRawBufferPointer {
        last == UInt8(ascii: "\r") ? UnsafeRawBufferPointer(rebasing: dropLast()) : self
    }
}
