public import AWS
public import HTTPClient
public import Settings

extension HTTPClient.Options {
    /// How to reach the store, from the section `opensearch`: TLS, proxy, credentials, timeouts and connections.
    ///
    /// - Parameter session: signs the requests, when the section wants signatures.
    /// - Throws: `HTTPError` with `.badRequest` when there is no region to sign for.
    public init(
        _ settings: OpenSearchSettings, userAgent: String, session: AWSSession? = nil
    ) throws(HTTPError) {
        self.init(userAgent: userAgent)
        caFile = settings.caFile
        proxy = settings.proxy?.reveal()
        noProxy = settings.noProxy ?? ""
        connectTimeoutMilliseconds = settings.connectTimeoutMilliseconds
        requestTimeoutMilliseconds = settings.requestTimeoutMilliseconds
        connectionsMax = settings.requestsInFlight
        switch settings.auth {
        case .none: break
        case .basic:
            signer = settings.username.map {
                RequestSigners.basic(username: $0, password: settings.password.reveal())
            }
        case .sigv4:
            let session = session ?? settings.session(userAgent: userAgent)
            signer = try session.signer(settings)
            caFile = caFile ?? session.caFile
        }
    }
}

extension OpenSearchSettings {
    /// Who the service is to AWS.
    public func session(userAgent: String) -> AWSSession {
        var options = AWSSession.Options(userAgent: userAgent)
        options.profile = aws.profile
        options.region = aws.region
        options.proxy = proxy?.reveal()
        options.noProxy = noProxy ?? ""
        options.withheldVariables = SettingsCatalog.secretVariables
        return AWSSession(AWSEnvironment(aws.environment), options: options)
    }
}

extension AWSSession {
    /// Signs for the service and the region that the host's name tells; a name of one's own tells neither.
    fileprivate func signer(_ settings: OpenSearchSettings) throws(HTTPError) -> AWSRequestSigner {
        let host = AmazonOpenSearchHost(endpoint: settings.endpoint)
        let found: String?
        do { found = try settings.aws.region ?? host?.region ?? region() } catch {
            throw HTTPError(code: .badRequest, message: "\(error)")
        }
        guard let found else {
            throw HTTPError(
                code: .badRequest,
                message:
                    "requests are to be signed, and neither aws.region, the host, AWS_REGION nor the profile says the region"
            )
        }
        return signer(service: host?.service ?? "es", region: found)
    }
}

/// What a host's name of Amazon tells: `search-NAME.eu-central-1.es.amazonaws.com`, `ID.eu-central-1.aoss.amazonaws.com`, or
/// `search-NAME.aos.eu-central-1.on.aws`.
struct AmazonOpenSearchHost: Equatable {
    /// The name that requests are signed for.
    let service: String
    let region: String

    /// nil for other names.
    init?(endpoint: String) {
        guard let scheme = endpoint.firstRange(of: "://") else { return nil }
        let host = endpoint[scheme.upperBound...].prefix { !":/?".contains($0) }.lowercased()
        let labels = host.split(separator: ".").map(String.init)
        if let index = labels.firstIndex(of: "amazonaws"), index >= 3, ["es", "aoss"].contains(labels[index - 1]) {
            (service, region) = (labels[index - 1], labels[index - 2])
        } else if let index = labels.firstIndex(of: "aos"), labels.suffix(2) == ["on", "aws"], index + 4 == labels.count
        {
            (service, region) = ("es", labels[index + 1])
        } else {
            return nil
        }
    }
}
