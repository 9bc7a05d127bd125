import Lifecycle
import Synchronization

/// Identifies a connection outside of the loop; it may have ended.
struct ConnectionKey: Sendable, Hashable {
    /// The library's handle, as a number; later connections may get the same one.
    let handle: UInt
    /// Unique: never used for another connection.
    let number: UInt64
}

/// Lets other threads run work on the loop.
final class LoopMailbox: Sendable {
    typealias Work = @Sendable (HTTPLoop) -> Void

    let wakeUp = WakeUp()
    private let work = Mutex<[Work]>([])

    /// Wakes the loop, which runs what was posted in the order in which it was posted.
    func post(_ item: @escaping Work) {
        let isFirst = work.withLock { work in
            work.append(item)
            return work.count == 1
        }
        if isFirst { wakeUp.wake() }
    }

    func takeAll() -> [Work] {
        wakeUp.rest()
        return work.withLock { work in
            defer { work = [] }
            return work
        }
    }
}
