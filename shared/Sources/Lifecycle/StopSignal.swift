import Glibc
import Synchronization

/// The one way in which a running part is asked to end: set once, never taken back.
///
/// A blocking loop includes `fileDescriptor` in each of its `poll()` calls, and so wakes at once when it is
/// asked to stop. Any thread may call any member.
public final class StopSignal: Sendable {
    /// Readable from the moment of `stop()` on; owned by the signal, to be polled and never read or closed by others.
    public var fileDescriptor: Int32 { pipe.readDescriptor }

    /// One byte in it is the signal.
    private let pipe = Pipe(isBlocking: true)
    private let stopped = Atomic(false)

    /// Creates a signal that is not set.
    public init() {}

    /// Asks everything that holds this signal to end; further calls change nothing.
    public func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        // One byte into an empty pipe neither blocks nor fails.
        _ = write(pipe.writeDescriptor, &byte, 1)
    }

    /// Whether `stop()` was called.
    public var isStopped: Bool {
        stopped.load(ordering: .acquiring)
    }

    /// Sleeps until the signal is set, at most the given time.
    ///
    /// - Parameter milliseconds: 0 only looks; a negative time waits without limit.
    /// - Returns: whether the signal is set.
    @discardableResult
    public func wait(milliseconds: Int) -> Bool {
        let deadline = Deadline.milliseconds(milliseconds)
        var descriptor = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
        while !isStopped {
            let remaining = deadline.remainingMilliseconds
            let timeout = milliseconds < 0 ? -1 : Int32(clamping: remaining)
            if poll(&descriptor, 1, timeout) == 0 && remaining <= Int(Int32.max) { break }
        }
        return isStopped
    }
}
