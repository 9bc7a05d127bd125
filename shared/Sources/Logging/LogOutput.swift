import Glibc
import Synchronization

/// The descriptor behind a logger.
///
/// A line is at most 4096 bytes (`PIPE_BUF`), so that lines of several threads and processes never mix, and so that
/// a pipe that `poll()` calls writable takes it without blocking. When nobody reads, a line waits once for
/// `waitMilliseconds`, then it and its successors are dropped and counted until the output takes lines again; the
/// count is then written first.
final class LogOutput: Sendable {
    static let waitMilliseconds: Int32 = 100

    private let descriptor: Int32
    private let dropped = Atomic<UInt64>(0)
    private let reported = Atomic<UInt64>(0)
    private let isStuck = Atomic(false)

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    var isOpen: Bool { descriptor >= 0 }

    var linesDropped: UInt64 { dropped.load(ordering: .relaxed) }

    func write(_ line: [UInt8]) {
        guard isWritable() else {
            dropped.add(1, ordering: .relaxed)
            return
        }
        let count = linesDropped
        let before = reported.exchange(count, ordering: .relaxed)
        if count > before {
            writeOnce(Array("(\(count - before) log lines were dropped: the output took none)\n".utf8))
        }
        writeOnce(line)
    }

    private func isWritable() -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let wait = isStuck.load(ordering: .relaxed) ? 0 : Self.waitMilliseconds
        let ready = poll(&poller, 1, wait) > 0
        isStuck.store(!ready, ordering: .relaxed)
        return ready
    }

    private func writeOnce(_ line: [UInt8]) {
        var written = -1
        repeat {
            written = Glibc.write(descriptor, line, line.count)
        } while written < 0 && errno == EINTR
        if written != line.count { dropped.add(1, ordering: .relaxed) }
    }
}
