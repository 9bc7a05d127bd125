import Glibc

/// A pipe within the process, by which one thread ends the wait of another; owns both ends.
public final class Pipe: Sendable {
    /// The end that is read from.
    public let readDescriptor: Int32
    /// The end that is written to.
    public let writeDescriptor: Int32

    /// - Parameter isBlocking: whether a reader waits for bytes, and a writer for room of 64 KiB.
    public init(isBlocking: Bool) {
        var descriptors: [Int32] = [-1, -1]
        precondition(pipe(&descriptors) == 0, "no descriptor is left for a pipe: errno \(errno)")
        (readDescriptor, writeDescriptor) = (descriptors[0], descriptors[1])
        for descriptor in descriptors {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            if !isBlocking { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        }
    }

    deinit {
        close(readDescriptor)
        close(writeDescriptor)
    }
}
