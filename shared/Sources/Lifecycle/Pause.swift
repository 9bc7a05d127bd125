import Glibc

/// Waiting where nothing else does.
public enum Pause {
    /// Waits for so many milliseconds, and no longer than until one of `descriptors` has something to read.
    public static func milliseconds(_ milliseconds: Int, wakingOn descriptors: [Int32]) {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&polled, nfds_t(polled.count), Int32(clamping: max(0, milliseconds)))
    }
}
