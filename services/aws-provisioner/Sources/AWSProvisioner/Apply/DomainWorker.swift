import Files
import Glibc
import Lifecycle
import OpenSearch
import Settings

/// Carries out the steps of a piece of work: asks AWS, keeps what is begun, waits.
struct DomainWorker {
    let service: DomainService
    let settings: AWSDomainSettings
    let folder: StateFolder
    let display: any WaitingDisplay
    let stop: StopSignal
    /// Puts into the domain at an endpoint what events need.
    let prepare: (String) throws -> Void

    /// How a piece of work ended.
    enum Outcome: Equatable {
        /// Events can be sent.
        case ready
        /// AWS works on, and nobody waits.
        case begun
        /// Somebody has asked to stop.
        case stopped
    }

    /// Goes on to the end.
    ///
    /// - Parameters:
    ///   - usually: how long it takes as a rule.
    /// - Throws: ``DomainServiceError``, ``StateFolderError``, and what `prepare` throws.
    func carryOut(_ given: DomainWork, of plan: DomainPlan, usually: String) throws -> Outcome {
        var work = given
        let deadline = Deadline.milliseconds(settings.waitMinutesMax * 60_000)
        var isShown = false
        defer { if isShown { display.end() } }
        while !stop.isStopped {
            switch work.step {
            case .keep(let record):
                try folder.keep(record)
                work.carriedOut()
            case .forget:
                try folder.forget()
                work.carriedOut()
            case .look(let withTags):
                do throws(DomainServiceError) {
                    work.looked(try sighting(plan.name, withTags: withTags))
                } catch {
                    work.lookFailed(error)
                }
            case .create:
                work.created(Result { () throws(DomainServiceError) in try service.create(plan.body, name: plan.name) })
            case .change:
                work.changed(Result { () throws(DomainServiceError) in try service.update(plan.name, plan.body) })
            case .tag:
                let arn = plan.status?.arn ?? plan.principal.domainARN(plan.name, in: plan.region)
                work.tagged(Result { () throws(DomainServiceError) in try service.addTags(plan.newTags, to: arn) })
            case .wait(let waiting):
                guard !deadline.hasPassed else { throw Self.late(settings.waitMinutesMax, waiting) }
                if !isShown { display.begin(plan.name, usually: usually) }
                isShown = true
                wait(waiting, since: work.record?.beganAt)
                work.carriedOut()
            case .publish(let endpoint):
                try EndpointFile(
                    endpoint: endpoint, region: plan.region, domain: settings.domainName, isManaged: true
                ).publish(to: settings.endpointFile)
                work.carriedOut()
            case .prepare(let endpoint):
                if isShown { display.end() }
                isShown = false
                do {
                    try prepare(endpoint)
                } catch let error as PreparationError where error.isStopped {
                    return .stopped
                }
                work.carriedOut()
            case .done(let isReady): return isReady ? .ready : .begun
            case .fail(let error): throw error
            }
        }
        return .stopped
    }

    private func sighting(_ name: String, withTags: Bool) throws(DomainServiceError) -> DomainWork.Sighting {
        guard let status = try service.describe(name) else { return DomainWork.Sighting() }
        var sighting = DomainWork.Sighting(status: status)
        if withTags, !status.isDeleted { sighting.tags = try service.tags(of: status.arn) }
        sighting.progress = service.progress(of: name, status)
        return sighting
    }

    private func wait(_ waiting: DomainWork.Waiting, since beganAt: Int64?) {
        let milliseconds =
            waiting.failures > 0
            ? Backoff(firstMilliseconds: 1_000, capMilliseconds: settings.pollIntervalMilliseconds)
                .milliseconds(afterFailures: waiting.failures)
            : Self.jittered(settings.pollIntervalMilliseconds)
        display.show(waiting, since: beganAt, milliseconds: milliseconds)
        display.pause(milliseconds: milliseconds, until: stop)
    }

    /// A quarter more or less, so that many sensors do not ask together.
    static func jittered(_ milliseconds: Int) -> Int {
        milliseconds + Int.random(in: -milliseconds / 4...milliseconds / 4)
    }

    private static func late(_ minutes: Int, _ waiting: DomainWork.Waiting) -> DomainServiceError {
        DomainServiceError(
            .passing, "not done after \(minutes) minutes: \(waiting.progress?.name ?? waiting.name)",
            remedy:
                "what was begun goes on at AWS: `aws-provisioner apply` waits further, `aws-provisioner status` looks")
    }
}

extension EndpointFile {
    /// Removes the file if it says where this domain is, which goes away: events wait until there is another.
    ///
    /// - Throws: `FileError`.
    static func retract(_ name: String, in region: String, from path: String) throws(FileError) {
        guard let file = try? EndpointFile(contentsOf: path), file.isManaged, file.domain == name,
            file.region == region
        else { return }
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path, .replace, .refused(errno)) }
    }

    /// Writes the file for shipper and exporter, where it does not say the same already.
    ///
    /// - Throws: `FileError`, ``StateFolderError``.
    func publish(to path: String) throws {
        if let old = try? EndpointFile(contentsOf: path), old == self { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try StateFolder.make(String(path[..<slash]), mode: 0o755)
        }
        try write(to: path)
    }
}

extension WaitingDisplay {
    /// Shows what is waited for, as of a look.
    ///
    /// - Parameter beganAt: when the work was begun, in seconds since 1970.
    func show(_ waiting: DomainWork.Waiting, since beganAt: Int64?, milliseconds: Int) {
        let now = WallClock.seconds()
        show(
            ProgressReport(
                stage: waiting.progress?.stage, of: waiting.progress?.stageCount,
                name: waiting.progress?.name ?? waiting.name, elapsedSeconds: Int(max(0, now - (beganAt ?? now))),
                nextLookSeconds: (milliseconds + 500) / 1_000))
    }

    /// Waits, and keeps what is shown true meanwhile.
    func pause(milliseconds: Int, until stop: StopSignal) {
        let end = Deadline.milliseconds(milliseconds)
        while !stop.wait(milliseconds: min(1_000, end.remainingMilliseconds)), !end.hasPassed { tick() }
    }
}
