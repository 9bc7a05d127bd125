import Glibc
import Lifecycle

/// Lets as many threads through as were let in, and holds the others: a semaphore.
final class Turnstile: Sendable {
    /// One byte for each that was let in and has not come yet; there is room for far more than ever wait.
    private let pipe = Pipe(isBlocking: true)

    func letOneIn() {
        var byte: UInt8 = 1
        while write(pipe.writeDescriptor, &byte, 1) < 0 && errno == EINTR {}
    }

    func wait() {
        var byte: UInt8 = 0
        while read(pipe.readDescriptor, &byte, 1) < 0 && errno == EINTR {}
    }
}
