import Lifecycle
import Synchronization

/// Has the credentials of this process, and gets them anew before they end.
///
/// Who signs is never held up for long: while the old credentials are good, new ones are got on another thread; only when there
/// are none, the caller waits, and no longer than it takes a server nearby to answer. One renewal is under way at a time. One
/// that fails leaves the old ones in use as long as they last, and is tried again after a pause that grows to a minute.
public final class CredentialStore: CredentialProvider {
    /// How long requests wait for one renewal when there are no credentials, in milliseconds.
    public static let waitMillisecondsMax = 2_000

    private struct State {
        var renewal = CredentialRenewal()
        /// Set at the end of the renewal that is under way.
        var isRenewed = StopSignal()
        /// Until when requests wait for it: all together, as one loop sends many.
        var waitEnd = Deadline.now
        var origin = ""
    }

    private let state = Mutex(State())
    private let fetch: @Sendable () throws(AWSError) -> FetchedCredentials
    private let clock: ServerClock

    init(clock: ServerClock, fetch: @escaping @Sendable () throws(AWSError) -> FetchedCredentials) {
        self.clock = clock
        self.fetch = fetch
    }

    /// The credentials of this moment.
    ///
    /// - Throws: ``AWSError``; with `.unavailable` when they did not come in time, and are there for a later try.
    public func credentials() throws -> AWSCredentials {
        while true {
            let (step, isRenewed, waitEnd) = next()
            switch step {
            case .use(let credentials, _): return credentials
            case .fail(let error): throw error
            case .wait:
                guard isRenewed.wait(milliseconds: waitEnd.remainingMilliseconds) else {
                    throw AWSError(.unavailable, "the credentials are being asked for, and have not come yet")
                }
            }
        }
    }

    /// Takes note that a server has called them expired; they are got anew.
    public func refuse(_ accessKeyID: String) -> Bool {
        state.withLock { $0.renewal.refuse(accessKeyID, now: clock.unixSeconds) }
    }

    /// Why the last renewal failed; nil after one that did not.
    public var trouble: AWSError? { state.withLock { $0.renewal.trouble } }

    /// Where the credentials come from, for people; empty before the first.
    public var origin: String { state.withLock { $0.origin } }

    private func next() -> (CredentialRenewal.Step, isRenewed: StopSignal, waitEnd: Deadline) {
        state.withLock { state in
            let step = state.renewal.step(now: clock.unixSeconds)
            switch step {
            case .use(_, beginsRenewal: true), .wait(beginsRenewal: true):
                (state.isRenewed, state.waitEnd) = (StopSignal(), .milliseconds(Self.waitMillisecondsMax))
                _ = DedicatedThread { self.renew() }
            default: break
            }
            return (step, isRenewed: state.isRenewed, waitEnd: state.waitEnd)
        }
    }

    private func renew() {
        let result = Result { () throws(AWSError) in try fetch() }
        let now = clock.unixSeconds
        let jitter = Double.random(in: 0..<1)
        state.withLock { state in
            switch result {
            case .success(let fetched):
                state.renewal.succeeded(fetched.credentials, isInFiles: fetched.isInFiles, now: now, jitter: jitter)
                state.origin = fetched.origin
            case .failure(let error): state.renewal.failed(error, now: now, jitter: jitter)
            }
            state.isRenewed.stop()
        }
    }
}

/// Credentials with where they come from.
struct FetchedCredentials {
    let credentials: AWSCredentials
    let origin: String
    let isInFiles: Bool
}
