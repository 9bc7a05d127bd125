import Glibc

/// Ends the wait of a loop from another thread, as often as wanted.
///
/// A loop includes `fileDescriptor` in its `poll()` and calls `rest()` when it is readable; any thread may call `wake()`.
public final class WakeUp: Sendable {
    /// Readable while a call of `wake()` has not been answered by `rest()`; to be polled and never read by others.
    public var fileDescriptor: Int32 { pipe.readDescriptor }

    private let pipe = Pipe(isBlocking: false)

    /// Creates one that nobody has called yet.
    public init() {}

    /// Makes the descriptor readable.
    public func wake() {
        var byte: UInt8 = 1
        // It fails only when the pipe is full: then it is readable already.
        _ = write(pipe.writeDescriptor, &byte, 1)
    }

    /// Makes the descriptor unreadable; to be called before the loop looks for what it was woken for.
    public func rest() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(pipe.readDescriptor, &bytes, bytes.count) == bytes.count {}
    }
}
