import Glibc
public import Lifecycle
import Logging

/// Turns signals into the stop signal, and ends a process that does not stop in time.
///
/// The signals are blocked in all threads and waited for on one: no code runs in a signal handler.
struct SignalWatch: Sendable {
    let stop: StopSignal
    let logger: Logger
    let drainSecondsMax: Int

    private static let signals: [Int32] = [SIGTERM, SIGINT]

    /// To be called before other threads are started, as they inherit the mask.
    static func block() {
        var set = signalSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A client that goes away in the middle of an answer makes `write()` fail; it must not end the process.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Never returns; to be run on a thread of its own.
    func run() {
        var set = Self.signalSet()
        var first: Int32 = 0
        while sigwait(&set, &first) != 0 {}
        logger.info("stopping", ["signal": first == SIGTERM ? "SIGTERM" : "SIGINT"])
        stop.stop()
        let deadline = Deadline.milliseconds(drainSecondsMax * 1_000)
        while !deadline.hasPassed {
            let remaining = deadline.remainingMilliseconds
            var time = timespec(tv_sec: remaining / 1_000, tv_nsec: remaining % 1_000 * 1_000_000)
            guard sigtimedwait(&set, nil, &time) == SIGINT else { continue }
            logger.warning("ended at once on a second SIGINT")
            _exit(128 + SIGINT)
        }
        logger.error("ended by force: the service did not stop in time", ["seconds": drainSecondsMax])
        _exit(1)
    }

    static func signalSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}

extension StopSignal {
    /// One that SIGTERM and SIGINT set from now on, for commands that wait. A second one ends the process at once.
    ///
    /// To be called before other threads are started, and after the last question to a person, whom Ctrl-C must free from it.
    public static func onSignals() -> StopSignal {
        SignalWatch.block()
        let stop = StopSignal()
        _ = DedicatedThread {
            var set = SignalWatch.signalSet()
            var signal: Int32 = 0
            while sigwait(&set, &signal) != 0 {}
            stop.stop()
            while sigwait(&set, &signal) != 0 {}
            _exit(128 + signal)
        }
        return stop
    }
}
