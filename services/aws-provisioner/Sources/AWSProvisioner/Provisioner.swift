public import Lifecycle
import Logging
import Metrics
import OpenSearch
import Settings

/// Looks after the domain while nobody sits at it.
///
/// Each look: goes on with what somebody has agreed to, or what `aws.auto_apply` allows; sees how the domain is; and keeps the file
/// with its endpoint true. It never deletes anything, and changes nothing that nobody has agreed to.
public final class Provisioner: Service {
    /// The longest wait between two signs of life, in milliseconds.
    private static let waitMilliseconds = 1_000
    /// After a look that failed the next one comes after this at the latest, in milliseconds.
    private static let failedMillisecondsMax = 60_000

    private let settings: ProvisionerSettings
    private let version: String
    private let heartbeat: Heartbeat
    private let watch: DomainWatch
    /// Made once, for the credentials that it keeps and the clock that it learns.
    private var provisioning: Provisioning?

    init(
        _ settings: ProvisionerSettings, version: String, readiness: Readiness, heartbeat: Heartbeat, logger: Logger,
        metrics: MetricsRegistry
    ) {
        (self.settings, self.version, self.heartbeat) = (settings, version, heartbeat)
        watch = DomainWatch(readiness: readiness, heartbeat: heartbeat, logger: logger, metrics: metrics)
    }

    /// Looks until asked to stop.
    public func run(until stop: StopSignal) {
        var next = Deadline.now
        var seen: WorkRecord?
        while !stop.isStopped {
            heartbeat.beat()
            // What `apply` or `destroy` does beside is noticed at once.
            let record = (try? StateFolder.record(in: settings.domain.stateFolder)) ?? nil
            if next.hasPassed || record != seen {
                seen = record
                let isGood = look(until: stop)
                let interval = settings.domain.lookIntervalMilliseconds
                next = .milliseconds(isGood ? interval : min(interval, Self.failedMillisecondsMax))
            }
            stop.wait(milliseconds: min(Self.waitMilliseconds, next.remainingMilliseconds))
        }
    }

    /// - Returns: whether it was seen how the domain is.
    private func look(until stop: StopSignal) -> Bool {
        do {
            let record = try StateFolder.record(in: settings.domain.stateFolder)
            guard record != nil || settings.domain.appliesByItself else {
                watch.show(
                    .none,
                    "nobody has asked for a domain: run `aws-provisioner apply`, or set aws.auto_apply: true to let it be made "
                        + "without a question")
                return true
            }
            let provisioning = try made(stop)
            try work(provisioning, after: record, until: stop)
            if !stop.isStopped { try observe(provisioning) }
            watch.looked(nil, clock: provisioning.session.clock, hasChangeFailed: record?.failedHash != nil)
            return true
        } catch {
            if !stop.isStopped { watch.looked(error, clock: provisioning?.session.clock) }
            return false
        }
    }

    private func made(_ stop: StopSignal) throws -> Provisioning {
        if let provisioning { return provisioning }
        let made = try Provisioning(
            settings, version: version,
            pause: { [heartbeat] milliseconds in
                heartbeat.beat()
                return stop.wait(milliseconds: milliseconds)
            }, warn: { [watch] in watch.warn($0) })
        provisioning = made
        return made
    }

    /// Goes on with what was begun, or begins it where that is allowed.
    private func work(_ provisioning: Provisioning, after seen: WorkRecord?, until stop: StopSignal) throws {
        if seen?.phase == .deleting, seen?.domain == settings.domain.domainName { return }
        if seen?.phase == .ready, !settings.domain.appliesByItself { return }
        // While somebody works with it by `apply` or `destroy`, looking is enough.
        guard let folder = try StateFolder.unlessBusy(settings.domain.stateFolder) else { return }
        let record = try folder.record()
        let plan = try provisioning.plan(adopts: false)
        try plan.checkCanBegin(after: record)
        if record?.phase == .ready, plan.action == .nothing { return }
        let isAllowed = settings.domain.appliesByItself && plan.isAllowedUnasked(after: record)
        guard isAllowed || plan.isAgreed(by: record) else {
            // One that is gone was deleted by somebody, who may not want to pay for another: it is told in a moment. Where a change cannot be had, the domain stays as it is.
            if plan.action == .create, record?.arn != nil { return }
            if record?.isUsable == true, record?.failedHash == plan.requestHash { return }
            throw DomainServiceError(
                .exists, "the settings are others than those that somebody has agreed to",
                remedy: "look at them with `aws-provisioner plan`, and run `aws-provisioner apply`")
        }
        let work = DomainWork(
            plan, after: record, adopts: false, waits: true, now: WallClock.seconds())
        let worker = DomainWorker(
            service: provisioning.service, settings: settings.domain, folder: folder, display: watch, stop: stop,
            prepare: { [watch] in
                try provisioning.prepare($0, until: stop, beat: watch.tick, report: watch.show)
            })
        watch.isUsable = plan.action != .create && record?.isUsable == true
        _ = try worker.carryOut(work, of: plan, usually: plan.usualTime)
    }

    /// Sees how the domain is, and keeps the file with its endpoint true.
    private func observe(_ provisioning: Provisioning) throws {
        let name = settings.domain.domainName
        let record = try StateFolder.record(in: settings.domain.stateFolder)
        guard let status = try provisioning.service.describe(name), record?.arn == nil || record?.arn == status.arn
        else {
            if record?.phase == .deleting {
                return watch.show(.none, "the domain is deleted: `aws-provisioner apply` makes a new one")
            }
            throw DomainServiceError(
                .missing, "there is no domain \(name) in \(provisioning.service.region)",
                remedy: "run `aws-provisioner apply` to make it anew, without the events that were in it")
        }
        if status.isDeleted {
            try EndpointFile.retract(name, in: provisioning.service.region, from: settings.domain.endpointFile)
            return watch.show(.deleting, "the domain is being deleted")
        }
        guard status.isCreated, let endpoint = status.endpoint else {
            return watch.show(.creating, "the domain is being made")
        }
        // It can be used while a change is under way.
        guard record?.isUsable == true else {
            return watch.show(
                .changing,
                "`aws-provisioner` is at work with it, or has not come to its end: run `apply` again, or `destroy`")
        }
        try EndpointFile(endpoint: endpoint, region: provisioning.service.region, domain: name, isManaged: true)
            .publish(to: settings.domain.endpointFile)
        watch.show(.active)
    }
}
