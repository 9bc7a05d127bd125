import EventContract
import Files
import Logging

/// The batches of the followed output, made when they are asked for.
///
/// A line waits in the file, not in memory, until a batch is due: when a full batch of bytes is there, or when the
/// oldest unread line may not wait any longer. So one buffer serves all files, a sensor with little traffic wakes a few
/// times a second, and what was not asked for needs no undoing. Files take turns, a batch each.
final class BatchSource {
    /// One batch, and how the checkpoint of its file moves with it.
    struct Batch {
        /// The file; nil for a canary, which is of none.
        let cursor: FileCursor?
        /// The payload of the entry; nil when there are only rejected lines, or only the checkpoint changes.
        var payload: [UInt8]?
        var events = 0
        var bytes = 0
        var rejected: [(reason: BatchBuilder.Rejection, letter: DeadLetter)] = []
        /// What of the file was gone before it could be read, when that is for certain: together with its checkpoint, so
        /// that it is counted once.
        var loss: FollowedFiles.Loss?
        /// The field of the checkpoint.
        var field: String
        /// The checkpoint that must be stored; nil for none.
        var previous: String?
        /// The checkpoint to store; nil to remove it.
        var next: String?
    }

    /// How batches are cut.
    struct Options {
        var limits: BatchBuilder.Limits
        /// How long a line may wait for a batch, in nanoseconds.
        var ageNanoseconds: Int64
        /// Whether the end of the files is the end of the work.
        var once = false
        var codec = BatchCodec.standard
        var sensor: String
    }

    /// A chunk of a file, and in front of it the bytes that must be where they were.
    private static let bufferBytes = Checkpoint.tailBytesMaximum + 128 * 1024

    private let files: FollowedFiles
    private let options: Options
    private var builder: BatchBuilder
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 64)
    private let metrics: ReaderMetrics
    private let logger: Logger

    init(_ options: Options, files: FollowedFiles, metrics: ReaderMetrics, logger: Logger) {
        (self.options, self.files, self.metrics, self.logger) = (options, files, metrics, logger)
        builder = BatchBuilder(limits: options.limits, sensor: options.sensor, codec: options.codec)
    }

    deinit {
        buffer.deallocate()
    }

    /// Looks at the size of each open file.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: whether the directory should be looked at, because a file was cut.
    func look(now: Int64) -> Bool {
        var isCut = false
        for cursor in files.cursors {
            do throws(FileError) {
                switch try cursor.look(now: now) {
                case .read, .wait: break
                case .startAgain:
                    files.readAgain(cursor)
                    isCut = true
                case .finish: files.finish(cursor)
                case .release: files.release(cursor)
                }
            } catch {
                logger.warning("A file cannot be looked at", ["path": cursor.path, "reason": error.reason])
            }
            metrics.skippedZeroBytes.add(cursor.takeSkippedZeroBytes())
            if cursor.takeLayoutFault() {
                logger.warning(
                    "A file is pretty-printed or one array, which cannot be read; \(EventLine.rule)",
                    ["path": cursor.path])
            }
        }
        metrics.filesOpen.set(Double(files.cursors.count))
        metrics.unreadBytes.set(files.cursors.reduce(0) { $0 + Double($1.unreadBytes) })
        return isCut
    }

    /// When the next batch is due, in nanoseconds of the monotonic clock; nil when there is nothing to read.
    var nextDue: Int64? {
        files.cursors.compactMap { cursor in cursor.unreadSince.map { $0 + options.ageNanoseconds } }.min()
    }

    /// Makes the next batch that is due.
    ///
    /// - Parameters:
    ///   - now: nanoseconds of the monotonic clock.
    ///   - time: nanoseconds since the epoch.
    /// - Returns: nil when none is due.
    func next(now: Int64, time: Int64) -> Batch? {
        if let batch = removal(time: time) ?? closing(time: time) { return batch }
        for cursor in files.cursors where isDue(cursor, now: now) {
            builder.begin(path: cursor.path, readTime: time)
            let isChanged = read(cursor)
            let batch = builder.isEmpty ? nil : seal(cursor, time: time)
            if isChanged { files.readAgain(cursor) }
            files.endTurn(of: cursor)
            if let batch { return batch }
        }
        return files.cursors.first(where: \.needsCheckpoint).map { cursor in
            builder.begin(path: cursor.path, readTime: time)
            return seal(cursor, time: time)
        }
    }

    /// Records that a batch is stored.
    func finish(_ batch: Batch) {
        if let cursor = batch.cursor {
            cursor.confirm(batch.next)
            if batch.next == nil { files.remove(cursor) }
        }
        if let loss = batch.loss { metrics.lost[loss.cause]?.add(loss.bytes) }
        guard batch.events > 0 || !batch.rejected.isEmpty else { return }
        metrics.batches.add()
        metrics.events.add(UInt64(batch.events))
        metrics.bytes.add(UInt64(batch.bytes))
        for (reason, _) in batch.rejected { metrics.rejected[reason]?.add() }
    }

    private func isDue(_ cursor: FileCursor, now: Int64) -> Bool {
        guard files.isLoaded, let since = cursor.unreadSince else { return false }
        // A single pass must end also when the file is being written to.
        if options.once { return !cursor.isPastFirstSize }
        return now - since >= options.ageNanoseconds || cursor.unreadBytes >= UInt64(options.limits.bytes)
    }

    /// Reads until the batch is full or the file ends.
    /// - Returns: whether the content was found to be another one.
    private func read(_ cursor: FileCursor) -> Bool {
        do throws(FileError) {
            switch try cursor.read(into: &builder, buffer: buffer) {
            case .full: return false
            case .changed: return true
            case .endOfFile:
                if options.once { cursor.closeLastLine(into: &builder) }
                return false
            }
        } catch {
            logger.warning("A file cannot be read", ["path": cursor.path, "reason": error.reason])
            return false
        }
    }

    /// The last line of a file that will not be written to any more.
    private func closing(time: Int64) -> Batch? {
        while let cursor = files.nextClosing {
            builder.begin(path: cursor.path, readTime: time)
            cursor.closeLastLine(into: &builder)
            if !builder.isEmpty { return seal(cursor, time: time) }
        }
        return nil
    }

    /// The removal of a checkpoint that is of no use any more, with the count of what was lost.
    private func removal(time: Int64) -> Batch? {
        // One step after the other: where nothing was stored yet, a checkpoint comes before its removal.
        for cursor in files.forgotten where cursor.isSettled {
            let loss = files.loss(of: cursor)
            if let field = cursor.field, cursor.storedText != nil {
                return Batch(cursor: cursor, loss: loss, field: field, previous: cursor.send(nil), next: nil)
            }
            if loss != nil {
                // It was gone before anything of it was handed over. A checkpoint that is removed at once carries the count.
                builder.begin(path: cursor.path, readTime: time)
                return seal(cursor, time: time)
            }
            files.remove(cursor)
        }
        return nil
    }

    private func seal(_ cursor: FileCursor, time: Int64) -> Batch {
        let checkpoint = cursor.checkpoint(time: time)
        let gathered = builder.finish(identity: checkpoint.identity, endOffset: checkpoint.offset)
        let previous = files.send(checkpoint, of: cursor)
        metrics.lastReadTimestampSeconds.set(Double(time) / 1e9)
        return Batch(
            cursor: cursor, payload: gathered.payload, events: gathered.events, bytes: gathered.bytes,
            rejected: gathered.rejected, field: checkpoint.field, previous: previous, next: checkpoint.text)
    }
}
