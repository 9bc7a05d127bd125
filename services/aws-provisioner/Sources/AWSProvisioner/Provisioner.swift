import Files
public import Lifecycle

/// Shows whether the domain's endpoint is known to shipper and exporter.
public final class Provisioner: Service {
    /// Time between two looks, and the longest between two signs of life.
    private static let intervalMilliseconds = 5_000

    private let settings: ProvisionerSettings
    private let readiness: Readiness
    private let heartbeat: Heartbeat

    init(_ settings: ProvisionerSettings, readiness: Readiness, heartbeat: Heartbeat) {
        (self.settings, self.readiness, self.heartbeat) = (settings, readiness, heartbeat)
    }

    /// Looks until asked to stop.
    public func run(until stop: StopSignal) {
        repeat {
            heartbeat.beat()
            let path = settings.domain.endpointFile
            let isThere = (try? FileFacts(path: path)) != nil
            readiness.set("endpoint", ready: isThere, reason: "\(path) is not there yet")
        } while !stop.wait(milliseconds: Self.intervalMilliseconds)
    }
}
