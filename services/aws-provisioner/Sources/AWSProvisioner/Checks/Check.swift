import Lifecycle
import Synchronization

/// One link of the way to OpenSearch, looked at by itself.
struct Check: Sendable {
    /// The links, in the order in which people read about them.
    enum Name: String, Sendable {
        case dns, tls, clock, credentials, bulk
    }

    /// How it is with a link.
    enum Verdict: String, Sendable {
        /// As it should be.
        case ok
        /// It works, and somebody should look at it all the same.
        case warning
        /// It does not work.
        case failed
        /// It could not be looked at, or there is nothing to look at.
        case skipped
    }

    /// What a look has found.
    struct Finding: Sendable, Equatable {
        let verdict: Verdict
        /// What was seen, in one line.
        let text: String
        /// What helps; nil where nothing has to be done.
        let remedy: String?

        init(_ verdict: Verdict, _ text: String, remedy: String? = nil) {
            (self.verdict, self.text, self.remedy) = (verdict, text, remedy)
        }
    }

    /// A finding, and how long it took.
    struct Result: Sendable, Equatable {
        let name: Name
        let finding: Finding
        let milliseconds: Int
    }

    let name: Name
    /// What has to work for this to be worth a look.
    var prerequisites: [Name] = []
    let look: @Sendable () -> Finding

    /// Looks at all of them side by side, each on a thread of its own as soon as its prerequisites are known to work.
    ///
    /// - Parameter millisecondsMax: how long each may take; what has no answer by then has failed. The system's look-up of names
    ///   knows no limit of its own.
    static func carryOut(_ checks: [Check], millisecondsMax: Int = 30_000) -> [Result] {
        let ends = Dictionary(uniqueKeysWithValues: checks.map { ($0.name, End()) })
        let start = MonotonicClock.nanoseconds()
        for check in checks {
            _ = DedicatedThread {
                let obstacles = check.prerequisites.filter { name in
                    guard let result = ends[name]?.result() else { return false }
                    return result.finding.verdict == .failed || result.finding.verdict == .skipped
                }
                let begin = MonotonicClock.nanoseconds()
                let finding =
                    if let obstacle = obstacles.first {
                        Finding(.skipped, "cannot be looked at, because \(obstacle.rawValue) is not ok")
                    } else {
                        check.look()
                    }
                ends[check.name]?.set(
                    Result(name: check.name, finding: finding, milliseconds: milliseconds(since: begin)))
            }
        }
        return checks.compactMap { check in
            ends[check.name]?.result(
                orAfter: millisecondsMax,
                Result(
                    name: check.name, finding: Finding(.failed, "no answer within \(millisecondsMax / 1_000) s"),
                    milliseconds: milliseconds(since: start)))
        }
    }

    private static func milliseconds(since begin: Int64) -> Int {
        Int((MonotonicClock.nanoseconds() - begin) / 1_000_000)
    }

    /// Where a check leaves its result; the first one counts.
    private final class End: Sendable {
        private let value = Mutex<Result?>(nil)
        private let isSet = StopSignal()

        func set(_ result: Result) {
            value.withLock { $0 = $0 ?? result }
            isSet.stop()
        }

        func result() -> Result? {
            isSet.wait(milliseconds: -1)
            return value.withLock { $0 }
        }

        func result(orAfter milliseconds: Int, _ late: Result) -> Result? {
            if !isSet.wait(milliseconds: milliseconds) { set(late) }
            return value.withLock { $0 }
        }
    }
}
