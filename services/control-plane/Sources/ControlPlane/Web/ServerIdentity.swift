import HTTPServer
import Logging
import Settings

/// The certificate with which page and API are served.
struct ServerIdentity: Sendable {
    /// nil for plain HTTP.
    let files: Listener.TLSIdentity?
    /// The route of the own authority's certificate.
    let routes: [Route]

    init(_ web: WebSettings, logger: Logger) throws {
        switch web.tls {
        case .files:
            files = .init(certificateFile: web.tlsCertificateFile ?? "", keyFile: web.tlsKeyFile ?? "")
        case .auto, .off: files = nil
        }
        routes = []
    }
}
