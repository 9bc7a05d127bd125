import AWS
import HTTPClient
import Lifecycle
import OpenSearch
import ServiceHost
import Settings

/// What all commands about the domain begin with: who we are to AWS, and where.
struct Provisioning {
    /// The region where nothing says another one.
    static let defaultRegion = "eu-central-1"

    let settings: ProvisionerSettings
    let session: AWSSession
    let service: DomainService
    let userAgent: String
    private let warn: (String) -> Void

    /// For a command, which has one try: waits until there are credentials. Why there are none, the first request tells.
    ///
    /// - Throws: `AWSError` when the files with AWS' settings cannot be read.
    static func ofCommand(_ asked: SubcommandRun<ProvisionerSettings>) throws -> Provisioning {
        let provisioning = try Provisioning(asked.settings, version: asked.version)
        try? provisioning.session.waitForCredentials { writeError("\($0)\n") }
        return provisioning
    }

    /// Asks nobody yet.
    ///
    /// - Parameters:
    ///   - pause: waits between two attempts to read, in milliseconds, and says whether to give up.
    ///   - warn: tells of what should not be so and is made up for.
    /// - Throws: `AWSError` when the files with AWS' settings cannot be read.
    init(
        _ settings: ProvisionerSettings, version: String,
        pause: @escaping @Sendable (Int) -> Bool = { StopSignal().wait(milliseconds: $0) },
        warn: @escaping (String) -> Void = { writeError("warning: \($0)\n") }
    ) throws {
        self.warn = warn
        self.settings = settings
        userAgent = "aws-provisioner/\(version)"
        session = settings.openSearch.session(userAgent: userAgent)
        let region = try settings.openSearch.aws.region ?? session.region() ?? Self.defaultRegion
        service = try DomainService(session, region: region, pause: pause)
    }

    /// The plan as of now. Writes nothing.
    ///
    /// - Throws: ``DomainServiceError``.
    func plan(adopts: Bool) throws(DomainServiceError) -> DomainPlan {
        let survey = try survey()
        return DomainPlan(try survey.desired(settings.domain, by: service), survey, adopts: adopts)
    }

    /// What there is as of now; says so when the clock of this machine is wrong, which is made up for.
    ///
    /// - Throws: ``DomainServiceError``.
    func survey() throws(DomainServiceError) -> DomainSurvey {
        let survey = try DomainSurvey(settings.domain.domainName, by: service)
        if session.clock.isOff {
            let seconds = Int(session.clock.offsetSeconds)
            let difference = "\(ProgressReport.duration(abs(seconds))) \(seconds > 0 ? "behind" : "ahead of")"
            warn(
                "the clock of this machine is \(difference) that of AWS; set it, for example with "
                    + "`timedatectl set-ntp true`")
        }
        return survey
    }

    /// What the OpenSearch at an endpoint says of itself.
    ///
    /// - Throws: `HTTPError`, ``StoreRefusal``.
    func storeFacts(at endpoint: String) throws -> StoreFacts {
        let store = settings.reaching(endpoint, region: service.region, isManaged: true)
        return try StoreFacts(store, options: HTTPClient.Options(store, userAgent: userAgent, session: session))
    }

    /// Puts into the domain at an endpoint what events need.
    ///
    /// - Parameters:
    ///   - beat: called before each request.
    ///   - report: called with what happens.
    /// - Throws: ``PreparationError``, also when somebody has asked to stop.
    func prepare(
        _ endpoint: String, until stop: StopSignal, beat: @escaping () -> Void = {},
        report: (Preparation.Event) -> Void
    ) throws {
        var preparation = Preparation(
            store: settings.reaching(endpoint, region: service.region, isManaged: true), session: session,
            userAgent: userAgent, shipperARN: settings.domain.shipperARN)
        preparation.beat = beat
        try preparation.carryOut(until: stop, report: report)
    }
}

/// How a command ends.
enum CommandStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    /// A mistake in the command line or the configuration.
    static let misused: Int32 = 2
    /// Trying again does not help before somebody has done something.
    static let needsPerson: Int32 = 3
    /// Somebody has pressed Ctrl-C; 128 and the number of SIGINT, as shells have it.
    static let interrupted: Int32 = 130

    /// What the end of a command by an error is.
    static func of(_ error: any Error) -> Int32 {
        switch error {
        case let error as DomainServiceError where error.code == .misconfigured: misused
        case let error as DomainServiceError where error.needsPerson: needsPerson
        case let error as PreparationError where error.needsPerson: needsPerson
        default: failed
        }
    }
}
