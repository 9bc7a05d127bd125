import Lifecycle
import Synchronization

/// A bounded number of threads for work that may block.
///
/// Requests wait for a thread in a queue of bounded length. What belongs to a request that has been taken (the next piece of
/// its answer or of its upload) waits in another one and goes first: there is one at most for each connection.
final class WorkPool: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var requests: [Job] = []
        var continuations: [Job] = []
        var threads: [DedicatedThread] = []
        var idleThreads = 0
        var isStopping = false

        var waiting: Int { requests.count + continuations.count }

        mutating func next() -> Job? {
            if !continuations.isEmpty { return continuations.removeFirst() }
            return requests.isEmpty ? nil : requests.removeFirst()
        }
    }

    private let threadsMax: Int
    private let waitingMax: Int
    private let state = Mutex(State())
    private let turns = Turnstile()

    init(threadsMax: Int, waitingMax: Int) {
        self.threadsMax = max(1, threadsMax)
        self.waitingMax = max(0, waitingMax)
    }

    /// Queues a new request.
    ///
    /// - Returns: false when all threads are busy and the queue is full.
    func begin(_ job: @escaping Job) -> Bool {
        state.withLock { state in
            // A thread is free until it has taken its work, which on a busy machine may be after the next requests came.
            let freeThreads = state.idleThreads + threadsMax - state.threads.count - state.continuations.count
            guard !state.isStopping, state.requests.count < waitingMax + max(0, freeThreads) else { return false }
            state.requests.append(job)
            letOneIn(&state)
            return true
        }
    }

    /// Queues work for a request that has been started.
    ///
    /// - Returns: false when the pool has ended.
    func goOn(_ job: @escaping Job) -> Bool {
        state.withLock { state in
            guard !state.isStopping else { return false }
            state.continuations.append(job)
            letOneIn(&state)
            return true
        }
    }

    /// Lets running work finish, drops what waits, and returns when all threads have ended.
    func stop() {
        let threads = state.withLock { state in
            state.isStopping = true
            state.requests = []
            for _ in state.threads { turns.letOneIn() }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func letOneIn(_ state: inout State) {
        turns.letOneIn()
        // Threads are started with the first work: a server without any needs none.
        if state.waiting > state.idleThreads, state.threads.count < threadsMax {
            state.idleThreads += 1
            state.threads.append(DedicatedThread(stackBytes: 1 << 20) { [self] in work() })
        }
    }

    private func work() {
        while true {
            turns.wait()
            let (job, isStopping) = state.withLock { state in
                let job = state.next()
                if job != nil { state.idleThreads -= 1 }
                return (job, state.isStopping)
            }
            guard let job else {
                if isStopping { return }
                continue
            }
            job()
            state.withLock { $0.idleThreads += 1 }
        }
    }
}
