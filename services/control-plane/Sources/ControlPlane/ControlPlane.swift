public import Lifecycle
import Logging

/// Shows and steers everything from a page.
///
/// Page and API are served beside it. Its own loop does what time asks for: it reads what other processes have changed, and
/// takes away what is over.
public final class ControlPlane: Service {
    private static let roundMilliseconds = 1_000
    private static let cleaningMilliseconds = 60_000
    private static let renewalMilliseconds = 3_600_000

    private let accounts: Accounts
    private let events: Events
    private let watch: PipelineWatch
    private let map: LiveMapService
    private let configuration: ConfigurationKeeper
    private let identity: ServerIdentity
    private let site: Site
    private let readiness: Readiness
    private let heartbeat: Heartbeat
    private let logger: Logger

    init(
        accounts: Accounts, events: Events, watch: PipelineWatch, map: LiveMapService,
        configuration: ConfigurationKeeper, identity: ServerIdentity, site: Site, readiness: Readiness,
        heartbeat: Heartbeat, logger: Logger
    ) {
        (self.accounts, self.events, self.watch, self.map) = (accounts, events, watch, map)
        self.configuration = configuration
        (self.identity, self.site) = (identity, site)
        (self.readiness, self.heartbeat, self.logger) = (readiness, heartbeat, logger)
    }

    /// Works until asked to stop.
    public func run(until stop: StopSignal) throws {
        let indexing = DedicatedThread { [events] in events.indexer.run(until: stop) }
        let watching = DedicatedThread { [watch] in watch.run(until: stop) }
        let mapping = map.start(until: stop)
        let trials = DedicatedThread { [configuration] in configuration.run(until: stop) }
        defer { ([indexing, watching, trials] + mapping).forEach { $0.join() } }
        var cleaning = Interval(milliseconds: Self.cleaningMilliseconds)
        var renewal = Interval(milliseconds: Self.renewalMilliseconds)
        while !stop.isStopped {
            heartbeat.beat()
            if configuration.isGoneBack {
                stop.stop()
                throw ConfigurationKeeper.GoneBackError()
            }
            if renewal.restartIfDue() { renewIdentity() }
            do {
                try accounts.refresh()
                if cleaning.restartIfDue() { try accounts.cleanUp() }
                readiness.set("accounts", ready: true)
            } catch {
                if readiness.isReady { logger.warning("the accounts cannot be read", ["reason": "\(error)"]) }
                readiness.set("accounts", ready: false, reason: "\(error)")
            }
            stop.wait(milliseconds: Self.roundMilliseconds)
        }
        try accounts.cleanUp()
    }

    private func renewIdentity() {
        do {
            if try identity.renew() { site.reloadIdentity() }
        } catch {
            logger.warning("the certificate cannot be renewed", ["reason": "\(error)"])
        }
    }
}
