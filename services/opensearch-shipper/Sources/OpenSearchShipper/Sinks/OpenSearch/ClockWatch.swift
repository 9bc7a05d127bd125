import AWS
import Logging

/// Shows how far the clock of this machine is off, as the store's answers say: signatures are corrected, times of events are not.
final class ClockWatch {
    private let clock: ServerClock
    private let metrics: ShipperMetrics
    private let logger: Logger
    private var wasOff = false

    init(_ clock: ServerClock, metrics: ShipperMetrics, logger: Logger) {
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    /// Tells of each change, once.
    func look() {
        metrics.clockOffset.set(Double(clock.offsetSeconds))
        guard clock.isOff != wasOff else { return }
        wasOff = clock.isOff
        if wasOff {
            logger.warning(
                "the clock of this machine is wrong; requests are signed with the store's time, but events keep theirs: "
                    + "set the clock", ["behind_seconds": "\(clock.offsetSeconds)"])
        } else {
            logger.info("the clock of this machine is right again")
        }
    }
}
