public import HTTPClient
public import Settings

extension HTTPClient.Options {
    /// How the section `opensearch` says that the store is reached: TLS, proxy, credentials, times and connections.
    public init(_ settings: OpenSearchSettings, userAgent: String) {
        self.init(userAgent: userAgent)
        signer = settings.signer
        caFile = settings.caFile
        proxy = settings.proxy?.reveal()
        noProxy = settings.noProxy ?? ""
        connectTimeoutMilliseconds = settings.connectTimeoutMilliseconds
        requestTimeoutMilliseconds = settings.requestTimeoutMilliseconds
        connectionsMax = settings.requestsInFlight
    }
}

extension OpenSearchSettings {
    /// Makes each request, just before it is sent, one of the user whom the settings name; nil when they name none.
    fileprivate var signer: (any RequestSigner)? {
        username.map { RequestSigners.basic(username: $0, password: password.reveal()) }
    }
}
