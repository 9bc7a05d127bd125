import EventContract
import Lifecycle
import Logging
import Metrics
import Pipeline
import ServiceTesting
import Settings
import Testing

@testable import OpenSearchShipper

/// What the tests of both sinks need to run one.
extension Sink {
    /// Runs the sink until it has finished `count` batches, or a minute has passed.
    func reports(_ count: Int = 1) throws -> [BatchReport] {
        var reports: [BatchReport] = []
        try run(seconds: 60) {
            reports += $0
            return reports.count >= count
        }
        #expect(reports.count == count)
        return reports
    }

    /// Runs the sink until its health is as wanted; the batches that it finishes meanwhile are forgotten.
    func run(until isWanted: (SinkHealth) -> Bool) throws {
        try run(seconds: 60) { _ in isWanted(health) }
        #expect(isWanted(health), "the sink is \(health)")
    }

    /// The reason for which the sink waits.
    func trouble() throws -> String {
        try run { if case .waiting = $0 { true } else { false } }
        guard case .waiting(let reason) = health else { return "" }
        return reason
    }

    private func run(seconds: Int64, until isDone: ([BatchReport]) -> Bool) throws {
        let deadline = MonotonicClock.nanoseconds() + seconds * 1_000_000_000
        while MonotonicClock.nanoseconds() < deadline {
            if isDone(try collect(milliseconds: 20, wakingOn: [])) { return }
        }
    }
}

extension ShipperMetrics {
    /// Metrics that nobody looks at, or that a test looks at by their members.
    static func testing() -> ShipperMetrics { ShipperMetrics(MetricsRegistry(prefix: "test")) }
}

extension Logger {
    /// Says nothing but what must not happen.
    static let testing = Logger(service: "test", level: .error, format: .text)
}

extension Backoff {
    /// Short waits, so that tests of failures are quick.
    static let testing = Backoff(firstMilliseconds: 10, capMilliseconds: 100)
}

extension BatchReport {
    /// The counts in one value.
    var counts: [Int] { [storedCount, alreadyThereCount, rejections.count] }
}
