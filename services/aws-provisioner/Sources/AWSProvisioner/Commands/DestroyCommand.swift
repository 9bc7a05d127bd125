import Configuration
import Files
import Glibc
import Lifecycle
import OpenSearch
public import ServiceHost
import Settings

/// `aws-provisioner destroy`: deletes the domain with everything in it.
public enum DestroyCommand {
    private static let consent = "--yes-delete-domain"
    private static let usually = "10 to 30 minutes"

    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "destroy", arguments: "\(consent) NAME [--no-wait] [OPTIONS]", flags: [consent, "--no-wait"],
            operandsMax: 1, summary: "deletes the domain with all its events", details: details, run: run)
    }

    private static let details = """
        Shows what would be lost. Only with --yes-delete-domain and the name of the domain it
        is deleted, with all events and AWS' snapshots of them; nothing brings them back. A
        domain that ids-suite has not made is never touched.

        Options:
          \(consent) NAME    agrees; NAME is that of aws.domain_name
          --no-wait                   ends as soon as AWS works on it
        and those of `run`: --config FILE, --set KEY=VALUE …

        Status: 0 when it is gone, 1 when it has failed, 2 for a mistake in the command line
        or the configuration, 3 when somebody has to do something first.
        """

    /// - Returns: the status of the process.
    private static func run(_ asked: SubcommandRun<ProvisionerSettings>) -> Int32 {
        do {
            return try destroy(asked)
        } catch {
            writeError("aws-provisioner destroy: \(error)\n")
            return CommandStatus.of(error)
        }
    }

    private static func destroy(_ asked: SubcommandRun<ProvisionerSettings>) throws -> Int32 {
        let name = asked.settings.domain.domainName
        let isAgreed = asked.flags.contains(consent)
        guard isAgreed ? asked.operands == [name] : asked.operands.isEmpty else {
            writeError(
                "aws-provisioner destroy: \(consent) takes the name of the domain, which is \(name) by aws.domain_name"
                    + "\n")
            return CommandStatus.misused
        }
        let provisioning = try Provisioning.ofCommand(asked)
        let folder = try StateFolder(asked.settings.domain.stateFolder)
        let survey = try provisioning.survey()
        let record = try folder.record()
        let isRecorded = record?.isAbout(name, in: survey.region, of: survey.principal.account) == true
        // What is kept about another domain stays, and the file that says where that one is.
        let isOurs = record == nil || isRecorded
        func retract() throws {
            try EndpointFile.retract(name, in: survey.region, from: asked.settings.domain.endpointFile)
        }
        if let status = survey.status {
            if !status.isDeleted { try check(status, survey) }
            writeOut(loss(status, survey, provisioning) + "\n")
            guard isAgreed else {
                writeError(
                    "aws-provisioner destroy: nothing was done; to delete it all: aws-provisioner destroy \(consent) \(name)"
                        + "\n")
                return CommandStatus.needsPerson
            }
            var deleting =
                (isRecorded ? record : nil)
                ?? WorkRecord(
                    domain: name, region: survey.region, account: survey.principal.account, phase: .deleting, beganAt: 0
                )
            (deleting.phase, deleting.beganAt) = (.deleting, WallClock.seconds())
            deleting.endpoint = nil
            if isOurs { try folder.keep(deleting) }
            do throws(DomainServiceError) {
                if !status.isDeleted { try provisioning.service.delete(name) }
            } catch {
                // Where AWS has not taken it, all goes on as before.
                if let seen = try provisioning.service.describe(name), !seen.isDeleted {
                    if isOurs { try record.map(folder.keep) ?? folder.forget() }
                    throw error
                }
            }
            // Events wait in Redis from here on, rather than at a server that goes away.
            if isOurs { try retract() }
            if asked.flags.contains("--no-wait") {
                writeOut("AWS deletes \(name). The same command waits for the end.\n")
                return CommandStatus.done
            }
            try wait(for: name, provisioning, since: deleting.beganAt)
        } else {
            writeOut("There is no domain \(name) in \(survey.region) of the account \(survey.principal.account).\n")
            guard isAgreed else { return CommandStatus.done }
            if isRecorded, var record {
                try retract()
                record.phase = .deleting
                try folder.keep(record)
            }
        }
        // The record stays, so that a service with aws.auto_apply does not make at once what somebody has deleted.
        if survey.status != nil { writeOut("The domain \(name) is gone.\n") }
        return CommandStatus.done
    }

    private static func check(_ status: DomainStatus, _ survey: DomainSurvey) throws(DomainServiceError) {
        if status.account == survey.principal.account, DesiredDomain.isOurs(survey.tags) { return }
        let tag = DesiredDomain.ownerTag
        throw DomainServiceError(
            .exists, "\(status.arn) is none that ids-suite has made: the tag \(tag.key)=\(tag.value) is missing",
            remedy: "delete it in the console of AWS if you mean it")
    }

    /// What is lost, for people.
    private static func loss(_ status: DomainStatus, _ survey: DomainSurvey, _ provisioning: Provisioning) -> String {
        let facts = status.endpoint.flatMap { try? provisioning.storeFacts(at: $0) }
        let contents =
            facts.map { "\($0.documents) documents in \($0.indexes) indexes" }
            ?? "all its events, which cannot be counted now"
        return """
            Account  \(survey.principal.account), as \(survey.principal.arn)
            Region   \(survey.region)
            Domain   \(status.arn)
            Lost     \(contents); AWS' snapshots of them go, too

            """
    }

    private static func wait(for name: String, _ provisioning: Provisioning, since beganAt: Int64) throws {
        let settings = provisioning.settings.domain
        let deadline = Deadline.milliseconds(settings.waitMinutesMax * 60_000)
        let display = TerminalDisplay(.output(environment: ConfigurationSources.processEnvironment))
        defer { display.end() }
        display.begin("Deletion of \(name)", usually: usually)
        while try provisioning.service.describe(name) != nil {
            guard !deadline.hasPassed else {
                throw DomainServiceError(
                    .passing, "\(name) is not gone after \(settings.waitMinutesMax) minutes",
                    remedy: "AWS goes on; the same command waits further")
            }
            let milliseconds = DomainWorker.jittered(settings.pollIntervalMilliseconds)
            display.show(DomainWork.Waiting(name: "Deleting the domain"), since: beganAt, milliseconds: milliseconds)
            display.pause(milliseconds: milliseconds, until: StopSignal())
        }
    }
}
