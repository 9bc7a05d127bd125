import Logging

/// All files of the followed output that are known: open ones, ones that rest because they are closed or missing, and
/// ones whose checkpoints are of no use any more.
final class FollowedFiles {
    /// How files are followed.
    struct Options {
        /// The file or directory.
        var path: String
        /// Whether the threads' parts of a file belong to it.
        var includesThreads = true
        /// Whether files without a checkpoint that are there at the start are begun at their end.
        var startsAtEnd = false
        /// The longest line that is passed on, in bytes.
        var lineBytesMaximum = 8 << 20
        /// When to let go of a file.
        var limits = FollowLimits()
    }

    /// Bytes of a file that were gone before they could be read.
    struct Loss: Equatable {
        /// How they went.
        enum Cause {
            /// The file was removed or cut.
            case removal
            /// The machine went down, and with it its RAM disk.
            case reboot
        }

        var cause: Cause
        var bytes: UInt64
    }

    let options: Options
    /// The id of this boot.
    let boot: String
    /// Open files, in the order in which they take turns.
    private(set) var cursors: [FileCursor] = []
    /// Files that are not open: let go of, or to be found again.
    private(set) var resting: [FileCursor] = []
    /// Files that are done with, until their checkpoints are gone from Redis.
    private(set) var forgotten: [FileCursor] = []
    /// Whether the checkpoints are known.
    private(set) var isLoaded = false
    /// Texts of checkpoints that no file has claimed because they cannot be understood, by field.
    private var unclaimedTexts: [String: String] = [:]
    private let metrics: ReaderMetrics
    private let logger: Logger

    init(_ options: Options, boot: String, metrics: ReaderMetrics, logger: Logger) {
        (self.options, self.boot, self.metrics, self.logger) = (options, boot, metrics, logger)
    }

    /// A file whose last line is to be handed over now.
    var nextClosing: FileCursor? { cursors.first(where: \.needsClosing) ?? resting.first(where: \.needsClosing) }

    /// What of a file was gone before it could be read; nil for nothing.
    func loss(of cursor: FileCursor) -> Loss? {
        let bytes = cursor.unsettledBytes
        return bytes > 0 ? Loss(cause: cursor.place.boot == boot ? .removal : .reboot, bytes: bytes) : nil
    }
}

// MARK: - The checkpoints in Redis

extension FollowedFiles {
    /// Says what the checkpoints in Redis are, by field, before anything is read.
    func load(_ texts: [String: String]) {
        for (field, text) in texts {
            if let checkpoint = Checkpoint(text), checkpoint.field == field {
                resting.append(FileCursor(checkpoint, text: text, options: options))
            } else {
                unclaimedTexts[field] = text
                logger.warning("A checkpoint cannot be understood; its file is read again", ["field": field])
            }
        }
        isLoaded = true
    }

    /// Takes note that a checkpoint of a file is sent.
    /// - Returns: the checkpoint that it builds on; nil for none. It may be of a file that was not recognised as this one.
    func send(_ checkpoint: Checkpoint, of cursor: FileCursor) -> String? {
        let field = checkpoint.field
        if let previous = cursor.send(checkpoint.text) { return previous }
        // The last line of a file that was cut is sent while the file rests itself.
        if let index = resting.firstIndex(where: { $0 !== cursor && $0.field == field }) {
            return resting.remove(at: index).storedText
        }
        return unclaimedTexts.removeValue(forKey: field)
    }

    /// Goes back to the checkpoint in Redis, because what was sent since was refused.
    func rewind(field: String, to text: String?) {
        for cursor in cursors + resting + forgotten where cursor.field == field { rewind(cursor, to: text) }
    }

    /// Compares what Redis holds with what was confirmed: a Redis that was killed may have lost its last second.
    func compare(with texts: [String: String]) {
        for cursor in cursors + resting + forgotten where cursor.isSettled {
            guard let field = cursor.field, texts[field] != cursor.storedText else { continue }
            rewind(cursor, to: texts[field])
        }
    }

    private func rewind(_ cursor: FileCursor, to text: String?) {
        metrics.rewinds.add()
        logger.notice("Reading goes back to the position in Redis", ["path": cursor.path, "position": text ?? "start"])
        let holds = (try? cursor.rewind(to: text)) ?? false
        if !holds { readAgain(cursor) }
        // What Redis has lost may still lie in a file.
        if let index = forgotten.firstIndex(where: { $0 === cursor }) { resting.append(forgotten.remove(at: index)) }
    }
}

// MARK: - What becomes of a file

extension FollowedFiles {
    /// Follows a file that was never read.
    func begin(_ cursor: FileCursor) {
        cursors.append(cursor)
    }

    /// Goes on with a file that rested and is open again.
    func wake(_ cursor: FileCursor) {
        resting.removeAll { $0 === cursor }
        cursors.append(cursor)
    }

    /// Puts the file that was read behind all others.
    func endTurn(of cursor: FileCursor) {
        guard let index = cursors.firstIndex(where: { $0 === cursor }) else { return }
        cursors.append(cursors.remove(at: index))
    }

    /// Begins a file at 0 that has been cut. What was known of it rests, until a copy with its content is found or it is
    /// given up.
    func readAgain(_ cursor: FileCursor) {
        guard let index = cursors.firstIndex(where: { $0 === cursor }), let heir = cursor.leaveFile() else { return }
        metrics.truncations.add()
        logger.notice("A file was truncated and is read from its start", ["path": cursor.path])
        cursors[index] = heir
        resting.append(cursor)
    }

    /// Closes a file whose name stays; it is opened again when it grows.
    func release(_ cursor: FileCursor) {
        cursors.removeAll { $0 === cursor }
        cursor.release()
        resting.append(cursor)
    }

    /// Lets a file go for good: nothing will come any more.
    func finish(_ cursor: FileCursor) {
        release(cursor)
        if !cursor.hasFollowedName { forget(cursor) }
    }

    /// Gives a resting file up: it is gone, read or not.
    func giveUp(_ cursor: FileCursor) {
        forget(cursor)
        guard let loss = loss(of: cursor) else { return }
        let text =
            switch loss.cause {
            case .removal: "A file went away before it was read to its end"
            case .reboot: "The machine went down before a file was read"
            }
        logger.warning(text, ["path": cursor.path, "bytes": loss.bytes])
    }

    private func forget(_ cursor: FileCursor) {
        resting.removeAll { $0 === cursor }
        forgotten.append(cursor)
    }

    /// Takes note that the checkpoint of a forgotten file is gone from Redis.
    func remove(_ cursor: FileCursor) {
        forgotten.removeAll { $0 === cursor }
    }
}
