import Certificates
import Files
import HTTPServer
import HTTPTypes
import Lifecycle
import Logging
import Settings

/// The certificate with which page and API are served.
struct ServerIdentity: Sendable {
    /// nil for plain HTTP.
    let files: Listener.TLSIdentity?
    private let authority: OwnAuthority?
    private let names: HostNames
    private let logger: Logger

    /// With `web.tls: auto` the files are made when they are missing.
    ///
    /// - Throws: `CertificateError`, `FileError`.
    init(_ web: WebSettings, names: HostNames, logger: Logger) throws {
        (self.names, self.logger) = (names, logger)
        switch web.tls {
        case .auto:
            let folder = web.dataDirectory + "/tls"
            try DataFolder.prepare(folder)
            let authority = OwnAuthority(folder: folder, label: "IDS suite on \(names.own)")
            self.authority = authority
            files = .init(certificateFile: authority.certificateFile, keyFile: authority.keyFile)
            try renew()
            let fingerprint = try authority.fingerprint()
            logger.info(
                "browsers trust this machine when they trust its own authority; compare the fingerprint",
                ["file": "/ca.crt", "sha256": fingerprint])
        case .files:
            authority = nil
            files = .init(certificateFile: web.tlsCertificateFile ?? "", keyFile: web.tlsKeyFile ?? "")
        case .off: (authority, files) = (nil, nil)
        }
    }

    /// Renews what is nearly over, or not for all addresses of this machine.
    ///
    /// - Returns: whether the server has to read its files again.
    /// - Throws: `CertificateError`, `FileError`.
    @discardableResult func renew() throws -> Bool {
        guard let authority else { return false }
        let renewal = try authority.renew(for: names.certified, now: WallClock.seconds())
        switch renewal {
        case .nothing: return false
        case .server: logger.notice("there is a new certificate for this machine")
        case .all: logger.notice("there is a new authority of this machine; browsers have to be told to trust it")
        }
        return true
    }

    /// The route of the own authority's certificate.
    var route: Route {
        .blocking(.get, "/ca.crt", bodyBytesMax: 0) { _ in
            guard let authority, let pem = try? OpenFile(regular: authority.authorityFile).content(bytesMax: 64 * 1024)
            else { return .whole(ServerResponse(.notFound, text: "this machine has no authority of its own\n")) }
            return .whole(
                ServerResponse(
                    fields: [
                        "content-type": "application/x-x509-ca-cert",
                        "content-disposition": "attachment; filename=\"ids-suite-ca.crt\"",
                    ], body: pem))
        }
    }
}
