import Files
import Logging

/// All files of the followed output: those that are open, and those that are known but closed or missing.
///
/// A scan compares the directory with what is known. A file that comes to light is *placed*: it is the rest of one that
/// was followed before, a copy of one, or new. Placing waits until the checkpoints are known, opening does not: a file
/// that is rotated away while Redis is down stays readable.
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

    /// A file that was opened and has not been placed.
    struct Arrival {
        var name: String
        var kind: EveNames.Kind
        var path: String
        var file: OpenFile
        var place: FilePlace
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

    /// Open files, in the order in which they take turns.
    private(set) var cursors: [FileCursor] = []
    /// What was gone before it could be read, until a batch takes the count to Redis.
    var losses: [Loss] = []
    /// Why nothing can be read, or not everything; nil when all is well.
    private(set) var obstacle: String?
    /// Checkpoints that are of no use any more, to be removed from Redis.
    var forgotten: [FileCursor] = []

    let options: Options
    let boot: String
    let metrics: ReaderMetrics
    let logger: Logger

    var arrivals: [Arrival] = []
    /// Files that are not open: let go of, or to be found again.
    var resting: [FileCursor] = []
    /// Copies of files that are being read, with the size at which they were seen to be such.
    var copies: [FilePlace: UInt64] = [:]
    /// Texts of checkpoints that no file has claimed because they cannot be understood, by field.
    var unclaimedTexts: [String: String] = [:]
    /// Whether the checkpoints are known.
    var isLoaded = false
    private var isFirstPlacement = true
    private var hasScanned = false
    /// What the path is taken for once it was seen to be a file or a link. What was a file when it was met is not
    /// followed as a link that somebody puts in its place.
    private var target: DirectoryListing.Target?
    private var strangers: [FileError] = []

    init(_ options: Options, boot: String, metrics: ReaderMetrics, logger: Logger) {
        (self.options, self.boot, self.metrics, self.logger) = (options, boot, metrics, logger)
    }

    /// Whether everything that the files held when they were met has been read and stored.
    var isDone: Bool {
        hasScanned && arrivals.isEmpty
            && cursors.allSatisfy { ($0.unreadBytes == 0 || $0.isPastFirstSize) && $0.isSettled }
    }

    /// Compares the directory with what is known.
    ///
    /// - Returns: the directory that was looked at, to be watched.
    func scan() -> String? {
        hasScanned = isLoaded
        let listing: DirectoryListing
        do throws(FileError) {
            listing = try DirectoryListing(
                path: options.path, includesThreads: options.includesThreads, as: target)
        } catch {
            obstacle = error.description
            // What appears later was written later.
            if isLoaded && error.isMissing { endPlacement() }
            return nil
        }
        if !listing.isOfDirectory { target = listing.target }
        tellStrangers(listing)
        nameCursors(listing)
        obstacle = open(listing)
        if isLoaded {
            place(listing)
            search(listing)
        }
        return listing.directory
    }

    /// Says once what is left alone although it has a name as the parts of the output have.
    private func tellStrangers(_ listing: DirectoryListing) {
        for stranger in listing.strangers where !strangers.contains(stranger) {
            logger.warning("Something is left alone that is called as a part of the output", ["reason": stranger])
        }
        strangers = listing.strangers
    }

    /// A file whose last line is to be handed over now.
    var nextClosing: FileCursor? {
        cursors.first { $0.closing != nil } ?? resting.first { $0.closing != nil }
    }

    /// Says what the checkpoints in Redis are, by field, before anything is read.
    func load(_ texts: [String: String]) {
        for (field, text) in texts {
            if let checkpoint = Checkpoint(text), checkpoint.field == field {
                resting.append(
                    FileCursor(
                        checkpoint, text: text, lineBytesMaximum: options.lineBytesMaximum, limits: options.limits))
            } else {
                unclaimedTexts[field] = text
                logger.warning("A checkpoint cannot be understood; its file is read again", ["field": field])
            }
        }
        isLoaded = true
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
        if !holds { begin(again: cursor) }
    }

    /// Begins a file at 0 that has been cut. What was known of it rests, until a copy with its content is found or it is
    /// given up.
    func begin(again cursor: FileCursor) {
        guard let file = cursor.file, let index = cursors.firstIndex(where: { $0 === cursor }) else { return }
        metrics.truncations.add()
        logger.notice("A file was truncated and is read from its start", ["path": cursor.path])
        cursors[index] = FileCursor(
            name: cursor.name, path: cursor.path, file: file, place: cursor.place,
            lineBytesMaximum: options.lineBytesMaximum, limits: options.limits)
        cursors[index].nameTarget = cursor.nameTarget
        cursor.leavePlace()
        resting.append(cursor)
    }

    /// Lets a file go for good: nothing will come any more.
    func finish(_ cursor: FileCursor) {
        cursors.removeAll { $0 === cursor }
        cursor.release()
        if cursor.hasFollowedName {
            resting.append(cursor)
        } else {
            forgotten.append(cursor)
        }
    }

    /// Closes a file whose name stays; it is opened again when it grows.
    func release(_ cursor: FileCursor) {
        cursors.removeAll { $0 === cursor }
        cursor.release()
        resting.append(cursor)
    }

    /// Puts the file that was read behind all others.
    func endTurn(of cursor: FileCursor) {
        guard let index = cursors.firstIndex(where: { $0 === cursor }) else { return }
        cursors.append(cursors.remove(at: index))
    }

    /// The text that Redis may hold under a field although its file was taken for a new one.
    func takeStoredText(field: String) -> String? {
        if let index = resting.firstIndex(where: { $0.field == field }) {
            return resting.remove(at: index).storedText
        }
        return unclaimedTexts.removeValue(forKey: field)
    }

    func add(_ cursor: FileCursor) {
        cursors.append(cursor)
    }

    /// A file that is to be read for the first time.
    func begin(_ arrival: Arrival) {
        let cursor = FileCursor(
            name: arrival.name, path: arrival.path, file: arrival.file, place: arrival.place,
            lineBytesMaximum: options.lineBytesMaximum, limits: options.limits)
        if options.startsAtEnd && isFirstPlacement { try? cursor.startAtEnd() }
        cursors.append(cursor)
        logger.info("A file is followed", ["path": arrival.path, "inode": arrival.place.inode])
    }

    /// Says that what was there at the start has been placed.
    func endPlacement() {
        isFirstPlacement = false
    }
}
