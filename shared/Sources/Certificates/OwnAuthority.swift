import Files

/// A certificate authority of this machine alone, and the server certificate that it has issued, as files of one folder.
///
/// Whoever trusts the authority trusts it for this machine's names and for private addresses only: the authority's certificate
/// says so itself (RFC 5280, section 4.2.1.10), so that its key is no danger to the rest of the Internet.
public struct OwnAuthority: Sendable {
    /// How a server is reached.
    public struct Names: Sendable, Equatable {
        /// Names of DNS, such as `ids.local`.
        public var hosts: [String]
        /// Addresses in numbers.
        public var addresses: [String]

        /// These names and addresses.
        public init(hosts: [String], addresses: [String]) {
            (self.hosts, self.addresses) = (hosts, addresses)
        }
    }

    /// What ``renew(for:now:)`` has done.
    public enum Renewal: Sendable, Equatable {
        /// All is good for longer.
        case nothing
        /// There is a new server certificate.
        case server
        /// There are a new authority, whom browsers do not trust yet, and a new server certificate.
        case all
    }

    /// How long the authority is good, in days.
    public static let authorityDays = 3_650
    /// How long a server certificate is good, in days; browsers take no longer ones.
    public static let serverDays = 397
    /// A server certificate is renewed when it is good for no more than so many days.
    public static let renewalDays = 30

    private let folder: String
    private let label: String

    /// The authority whose files are in a folder, which must exist.
    ///
    /// - Parameter label: names the authority to people.
    public init(folder: String, label: String) {
        (self.folder, self.label) = (folder, label)
    }

    /// PEM file with the authority's certificate.
    public var authorityFile: String { folder + "/ca.crt" }
    /// PEM file with the server's certificate.
    public var certificateFile: String { folder + "/server.crt" }
    /// PEM file with the server's private key; mode 0600.
    public var keyFile: String { folder + "/server.key" }
    private var authorityKeyFile: String { folder + "/ca.key" }

    /// Makes what is missing, broken, nearly over, or not for all of these names.
    ///
    /// - Parameter now: seconds since 1970. A time before the authority was made is wrong, as a machine without a battery has it
    ///   after its start; what is there is kept then.
    /// - Throws: ``CertificateError``; `FileError` when a file cannot be written, or is there and cannot be read.
    public func renew(for names: Names, now: Int64) throws -> Renewal {
        let authority = try Self.ifUsable { try Certificate.read(authorityFile) }
        let server = try Self.ifUsable { try Certificate.read(certificateFile) }
        var now = now
        if let authority, now < authority.begin {
            now = max(authority.begin, server?.begin ?? 0)
        }
        if let authority, let server, let key = try Self.ifUsable({ try PrivateKey.read(keyFile) }),
            server.isIssued(by: authority, at: now + Int64(Self.renewalDays) * 86_400), server.names(names),
            server.belongs(to: key)
        {
            return .nothing
        }
        if let authority, let key = try Self.ifUsable({ try PrivateKey.read(authorityKeyFile) }),
            authority.belongs(to: key)
        {
            let (server, serverKey) = try issue(names, by: authority, key, now)
            if server.isIssued(by: authority, at: now + Int64(Self.renewalDays) * 86_400) {
                try store(server, serverKey)
                return .server
            }
        }
        let key = try PrivateKey()
        let fresh = try Certificate.authority(label, for: names, key, now: now)
        try AtomicFile.replace(authorityKeyFile, with: try key.pem, mode: 0o600)
        try AtomicFile.replace(authorityFile, with: try fresh.pem)
        let (first, firstKey) = try issue(names, by: fresh, key, now)
        guard first.isIssued(by: fresh, at: now) else {
            throw CertificateError("a certificate for \(names.hosts + names.addresses) is not valid")
        }
        try store(first, firstKey)
        return .all
    }

    /// The SHA-256 of the authority's certificate, as browsers show it.
    ///
    /// - Throws: ``CertificateError``; `FileError`.
    public func fingerprint() throws -> String { try Certificate.read(authorityFile).fingerprint }

    private func issue(
        _ names: Names, by authority: Certificate, _ authorityKey: PrivateKey, _ now: Int64
    ) throws(CertificateError) -> (Certificate, PrivateKey) {
        let key = try PrivateKey()
        return (try Certificate.server(for: names, key, issuedBy: authority, authorityKey, now: now), key)
    }

    /// nil for what is missing or broken. Anything else, such as a disk that does not answer, may pass, and must not cost an
    /// authority that browsers trust.
    private static func ifUsable<Value>(_ read: () throws -> Value) throws -> Value? {
        do {
            return try read()
        } catch let error as FileError where error.isMissing {
            return nil
        } catch is CertificateError {
            return nil
        }
    }

    /// The key first: a certificate that does not belong to its key is made anew.
    private func store(_ certificate: Certificate, _ key: PrivateKey) throws {
        try AtomicFile.replace(keyFile, with: try key.pem, mode: 0o600)
        try AtomicFile.replace(certificateFile, with: try certificate.pem)
    }
}
