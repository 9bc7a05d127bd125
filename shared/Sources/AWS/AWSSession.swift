public import HTTPClient
import HTTPTypes
import Lifecycle

/// What a process needs to speak to AWS: who it is, where, and what time it is there.
public final class AWSSession: Sendable {
    /// What the configuration says; variables and files of AWS say the rest.
    public struct Options: Sendable {
        /// The profile; nil for what the environment says.
        public var profile: String?
        /// The region; nil for that of the environment or of the profile.
        public var region: String?
        /// The program, as servers shall name it in their logs.
        public var userAgent: String
        /// The forward proxy to services of AWS; nil for none.
        public var proxy: String?
        /// Hosts and domains that are reached without the proxy, with commas between.
        public var noProxy = ""
        /// Variables with secrets that are none of AWS', which a `credential_process` does not get.
        public var withheldVariables: Set<String> = []

        /// The defaults, for a program of this name.
        public init(userAgent: String) {
            self.userAgent = userAgent
        }
    }

    /// The servers' time.
    public let clock: ServerClock
    /// The credentials of this process.
    public let credentials: CredentialStore
    /// PEM file of the authorities that may vouch for servers, instead of the system's (`AWS_CA_BUNDLE`); nil for the system's.
    public let caFile: String?

    private let environment: AWSEnvironment
    private let options: Options

    /// Asks nobody before the first request.
    public init(_ environment: AWSEnvironment, options: Options, clock: ServerClock = ServerClock()) {
        self.environment = environment
        self.options = options
        self.clock = clock
        caFile = environment["AWS_CA_BUNDLE"].map(environment.expanded)
        let connection = AWSConnection(
            userAgent: options.userAgent, caFile: caFile, proxy: options.proxy, noProxy: options.noProxy)
        credentials = CredentialStore(clock: clock) { () throws(AWSError) in
            let lookup = try Lookup(environment, options)
            let source = try lookup.chain.source()
            let fetcher = CredentialFetcher(
                environment: environment, connection: connection, clock: clock,
                withheldVariables: options.withheldVariables,
                sts: { lookup.sts(connection, clock) }, endpoint: { lookup.endpoint(of: $0) })
            return FetchedCredentials(
                credentials: try fetcher.credentials(from: source), origin: source.description,
                isInFiles: source.isInFiles)
        }
    }

    /// The region from the options, the environment or the profile; nil when none has one.
    ///
    /// - Throws: ``AWSError`` with `.configuration` when the files cannot be read.
    public func region() throws -> String? { try Lookup(environment, options).region }

    /// The configured endpoint of a service (`AWS_ENDPOINT_URL_OPENSEARCH`, `AWS_ENDPOINT_URL`, or the profile's); nil for AWS'
    /// own.
    ///
    /// - Parameter service: its name in lower case, such as `opensearch`.
    /// - Throws: ``AWSError`` with `.configuration` when the files cannot be read.
    public func endpoint(of service: String) throws -> String? {
        try Lookup(environment, options).endpoint(of: service)
    }

    /// Where the Security Token Service is asked.
    ///
    /// - Throws: ``AWSError`` with `.configuration` when the files cannot be read.
    public func stsEndpoint() throws -> String { try Lookup(environment, options).stsEndpoint }

    /// Signs requests to a service with the credentials of this process.
    ///
    /// - Parameter service: the name that it is signed for, `es` or `aoss`.
    public func signer(service: String, region: String) -> AWSRequestSigner {
        AWSRequestSigner(service: service, region: region, credentials: credentials, clock: clock)
    }

    /// How long a command waits for credentials, in milliseconds: longer than a `credential_process` may take.
    public static let patienceMilliseconds = 65_000

    /// Waits until there are credentials, for as long as their source may only be slow or away for a moment: for a command,
    /// which signs once and is not tried again by itself, as requests of a service are.
    ///
    /// - Parameter tell: gets one line for the person who waits, if it takes longer than requests would wait.
    /// - Throws: ``AWSError``: why there are none; at once when waiting does not help.
    public func waitForCredentials(
        milliseconds: Int = patienceMilliseconds, tell: (String) -> Void = { _ in }
    ) throws {
        let deadline = Deadline.milliseconds(milliseconds)
        var isTold = false
        while true {
            do {
                _ = try credentials.credentials()
                return
            } catch let error as AWSError where error.code == .unavailable && !deadline.hasPassed {
                if !isTold { tell("waiting up to \(milliseconds / 1_000) s for credentials of AWS: \(error)") }
                isTold = true
                Pause.milliseconds(100, wakingOn: [])
            }
        }
    }

    /// Who this process is to AWS. Waits for the answer.
    ///
    /// - Throws: ``AWSError``.
    public func callerIdentity() throws -> CallerIdentity {
        try Lookup(environment, options).sts(connection, clock).callerIdentity(credentials)
    }

    /// The ARN of a role of the account, with its path, as IAM knows it. Waits for the answer.
    ///
    /// - Parameter partition: that of the account, such as `aws` or `aws-cn`.
    /// - Throws: ``AWSError``; with `.refused` when the role is not there, or may not be looked at (`iam:GetRole`).
    public func roleARN(named name: String, partition: String) throws -> String {
        let lookup = try Lookup(environment, options)
        let (host, region) =
            switch partition {
            case "aws-cn": ("iam.cn-north-1.amazonaws.com.cn", "cn-north-1")
            case "aws-us-gov": ("iam.us-gov.amazonaws.com", "us-gov-west-1")
            default: ("iam.amazonaws.com", "us-east-1")
            }
        let service = QueryService(
            connection: connection, endpoint: lookup.endpoint(of: "iam") ?? "https://\(host)", name: "iam",
            title: "IAM", version: "2010-05-08", region: region, clock: clock)
        var query = HTTPQuery()
        query.append("RoleName", name)
        guard let arn = try service.result(of: "GetRole", query, by: credentials)["Role"]?["Arn"]?.text else {
            throw service.unreadable
        }
        return arn
    }

    /// Sends a request to a service of AWS, signed, and waits for its answer.
    ///
    /// - Parameter service: the name that it is signed for, such as `es`.
    /// - Throws: ``AWSError``; with `.unavailable` when no answer comes in time.
    public func answer(
        to request: ClientRequest, of service: String, region: String, timeoutMilliseconds: Int
    ) throws(AWSError) -> ClientResponse {
        try connection.send(
            request, signer: signer(service: service, region: region), timeoutMilliseconds: timeoutMilliseconds)
    }

    private var connection: AWSConnection {
        AWSConnection(userAgent: options.userAgent, caFile: caFile, proxy: options.proxy, noProxy: options.noProxy)
    }

    /// What variables and files say at one moment.
    private struct Lookup: Sendable {
        let environment: AWSEnvironment
        let options: Options
        let profiles: Profiles

        init(_ environment: AWSEnvironment, _ options: Options) throws(AWSError) {
            self.environment = environment
            self.options = options
            profiles = try environment.profiles()
        }

        var chain: CredentialChain {
            CredentialChain(environment: environment, profiles: profiles, configuredProfile: options.profile)
        }

        var region: String? {
            options.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
                ?? profiles.text("region", of: chain.profile)
        }

        func endpoint(of service: String) -> String? {
            if environment.isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") { return nil }
            return environment["AWS_ENDPOINT_URL_\(service.uppercased())"] ?? environment["AWS_ENDPOINT_URL"]
                ?? profiles.endpoint(of: service, for: chain.profile)
        }

        var stsRegion: String { region ?? "us-east-1" }

        var stsEndpoint: String {
            let domain = stsRegion.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
            return endpoint(of: "sts") ?? "https://sts.\(stsRegion).\(domain)"
        }

        func sts(_ connection: AWSConnection, _ clock: ServerClock) -> STSClient {
            STSClient(connection: connection, endpoint: stsEndpoint, region: stsRegion, clock: clock)
        }
    }
}
