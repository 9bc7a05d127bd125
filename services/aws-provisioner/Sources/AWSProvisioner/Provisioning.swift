import AWS
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

    /// Asks nobody yet.
    ///
    /// - Throws: `AWSError` when the files with AWS' settings cannot be read.
    init(_ settings: ProvisionerSettings, version: String) throws {
        self.settings = settings
        userAgent = "aws-provisioner/\(version)"
        session = settings.openSearch.session(userAgent: userAgent)
        let region = try settings.openSearch.aws.region ?? session.region() ?? Self.defaultRegion
        service = try DomainService(session, region: region)
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
            writeError(
                "warning: the clock of this machine is \(ProgressReport.duration(abs(seconds))) \(seconds > 0 ? "behind" : "ahead of") that of AWS; "
                    + "set it, for example with `timedatectl set-ntp true`\n")
        }
        return survey
    }

    /// Puts into the domain at an endpoint what events need, and tells of it on standard output.
    ///
    /// - Throws: `PreparationError`.
    func prepare(_ endpoint: String) throws {
        let preparation = Preparation(
            store: settings.reaching(endpoint, region: service.region), session: session, userAgent: userAgent,
            shipperARN: nil)
        writeOut("The domain is there: \(endpoint)\n")
        try preparation.carryOut(until: StopSignal()) { event in
            switch event {
            case .began(let step): writeOut("\(step):\n")
            case .ended(let lines): for line in lines { writeOut("  \(line)\n") }
            case .refused(let reason, let minutes): writeOut("  not yet, tried for \(minutes) minutes: \(reason)\n")
            }
        }
    }
}

/// How a command ends.
enum CommandStatus {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    /// Trying again does not help before somebody has done something.
    static let needsPerson: Int32 = 3

    /// What the end of a command by an error is.
    static func of(_ error: any Error) -> Int32 {
        (error as? DomainServiceError)?.needsPerson == true ? needsPerson : failed
    }
}
