import Glibc
import Lifecycle

/// Lets through one thread per permit, and blocks the others: a semaphore.
final class Turnstile: Sendable {
    /// One byte for each permit that no thread has used yet; there is room for far more than are ever given.
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
