import Synchronization

/// How a thread's work ended, for the thread that waits for it.
final class ThreadOutcome: Sendable {
    private let value = Mutex<Result<Void, any Error>?>(nil)

    /// The outcome, once there is one.
    var result: Result<Void, any Error>? { value.withLock { $0 } }

    /// Notes the outcome.
    func set(_ result: Result<Void, any Error>) { value.withLock { $0 = result } }
}
