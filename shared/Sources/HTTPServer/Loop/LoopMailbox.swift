import Lifecycle
import Synchronization

/// Names a connection outside of the loop; it may have ended.
struct ConnectionKey: Sendable, Hashable {
    /// The library's handle, as a number: it is used again for later connections.
    let handle: UInt
    /// Never used again.
    let number: UInt64
}

/// How other threads have something done on the loop.
final class LoopMailbox: Sendable {
    typealias Work = @Sendable (HTTPLoop) -> Void

    let wakeUp = WakeUp()
    private let work = Mutex<[Work]>([])

    /// Wakes the loop, which does this and then goes on; in the order in which it was posted.
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
