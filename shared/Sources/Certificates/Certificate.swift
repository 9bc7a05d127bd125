import CX509
import Digest
import Files
import Networks

/// A certificate of X.509, version 3.
final class Certificate {
    private let handle: OpaquePointer

    private init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { X509_free(handle) }

    /// - Throws: ``CertificateError``, `FileError`.
    static func read(_ path: String) throws -> Certificate {
        let pem = try OpenFile(regular: path).content(bytesMax: 64 * 1024)
        guard let handle = PEM.read(pem, { PEM_read_bio_X509($0, nil, nil, nil) }) else {
            throw CertificateError("\(path) holds no certificate")
        }
        return Certificate(handle)
    }

    // MARK: - Making

    /// One that signs itself, and others for these names and for private addresses.
    static func authority(
        _ label: String, for names: OwnAuthority.Names, _ key: PrivateKey, now: Int64
    ) throws(CertificateError) -> Certificate {
        let certificate = try Certificate(label, key, days: OwnAuthority.authorityDays, now: now)
        X509_set_issuer_name(certificate.handle, X509_get_subject_name(certificate.handle))
        let hosts = names.hosts.map { "permitted;DNS:\($0)" }
        let others = names.addresses.filter { !isPrivate($0) }.map { "permitted;IP:\($0)/\(wholeMask($0))" }
        try certificate.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: certificate)
        try certificate.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: certificate)
        // Nor may it speak for people, programs or mail.
        try certificate.add(NID_ext_key_usage, "serverAuth", issuer: certificate)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: certificate)
        try certificate.add(
            NID_name_constraints, "critical," + (hosts + privateRanges + others).joined(separator: ","),
            issuer: certificate)
        try certificate.sign(key)
        return certificate
    }

    /// One for a server.
    static func server(
        for names: OwnAuthority.Names, _ key: PrivateKey, issuedBy authority: Certificate, _ authorityKey: PrivateKey,
        now: Int64
    ) throws(CertificateError) -> Certificate {
        let certificate = try Certificate(names.hosts.first ?? "server", key, days: OwnAuthority.serverDays, now: now)
        X509_set_issuer_name(certificate.handle, X509_get_subject_name(authority.handle))
        let all = names.hosts.map { "DNS:\($0)" } + names.addresses.map { "IP:\($0)" }
        try certificate.add(NID_basic_constraints, "critical,CA:FALSE", issuer: authority)
        try certificate.add(NID_key_usage, "critical,digitalSignature", issuer: authority)
        try certificate.add(NID_ext_key_usage, "serverAuth", issuer: authority)
        try certificate.add(NID_subject_alt_name, all.joined(separator: ","), issuer: authority)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: authority)
        try certificate.add(NID_authority_key_identifier, "keyid:always", issuer: authority)
        try certificate.sign(authorityKey)
        return certificate
    }

    private convenience init(_ label: String, _ key: PrivateKey, days: Int, now: Int64) throws(CertificateError) {
        guard let handle = X509_new() else { throw CertificateError("libcrypto has no memory") }
        self.init(handle)
        let name = X509_get_subject_name(handle)
        // MBSTRING_UTF8, a macro that Swift does not import.
        let isUTF8: Int32 = 0x1000
        let label = String(decoding: label.utf8.prefix(64), as: UTF8.self)
        guard X509_set_version(handle, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(handle), .random(in: 1 ... .max >> 1)) == 1,
            X509_NAME_add_entry_by_txt(name, "CN", isUTF8, label, -1, -1, 0) == 1,
            // A day ago: clocks of browsers differ.
            ASN1_TIME_set(X509_getm_notBefore(handle), time_t(now - 86_400)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(handle), time_t(now + Int64(days) * 86_400)) != nil,
            X509_set_pubkey(handle, key.handle) == 1
        else { throw CertificateError("libcrypto makes no certificate for \(label)") }
    }

    private func add(_ kind: Int32, _ value: String, issuer: Certificate) throws(CertificateError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.handle, handle, nil, nil, 0)
        guard let field = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            throw CertificateError("libcrypto does not take `\(value)` for a certificate")
        }
        defer { X509_EXTENSION_free(field) }
        X509_add_ext(handle, field, -1)
    }

    private func sign(_ key: PrivateKey) throws(CertificateError) {
        guard X509_sign(handle, key.handle, EVP_sha256()) > 0 else {
            throw CertificateError("libcrypto does not sign a certificate")
        }
    }

    private static let privateRanges = [
        "10.0.0.0/255.0.0.0", "172.16.0.0/255.240.0.0", "192.168.0.0/255.255.0.0", "169.254.0.0/255.255.0.0",
        "127.0.0.0/255.0.0.0", "fc00::/fe00::", "fe80::/ffc0::", "::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ].map { "permitted;IP:" + $0 }

    private static func isPrivate(_ address: String) -> Bool {
        guard let address = IPAddress(address) else { return false }
        return IPNetwork.privateNetworks.contains { $0.contains(address) }
    }

    private static func wholeMask(_ address: String) -> String {
        address.contains(":") ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255"
    }

    // MARK: - Looking

    /// Whether the authority has issued it, for names that it may speak for, and both are good at this time.
    ///
    /// - Parameter time: seconds since 1970.
    func isIssued(by authority: Certificate, at time: Int64) -> Bool {
        let (store, context) = (X509_STORE_new(), X509_STORE_CTX_new())
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
        }
        guard X509_STORE_add_cert(store, authority.handle) == 1, X509_STORE_CTX_init(context, store, handle, nil) == 1
        else { return false }
        X509_STORE_CTX_set_time(context, 0, time_t(time))
        return X509_verify_cert(context) == 1
    }

    /// Whether it is for all of these names.
    func names(_ names: OwnAuthority.Names) -> Bool {
        names.hosts.allSatisfy { X509_check_host(handle, $0, $0.utf8.count, 0, nil) == 1 }
            && names.addresses.allSatisfy { X509_check_ip_asc(handle, $0, 0) == 1 }
    }

    /// From when on it is good, in seconds since 1970.
    var begin: Int64 {
        var time = tm()
        return ASN1_TIME_to_tm(X509_get0_notBefore(handle), &time) == 1 ? Int64(timegm(&time)) : 0
    }

    func belongs(to key: PrivateKey) -> Bool { X509_check_private_key(handle, key.handle) == 1 }

    var pem: [UInt8] {
        get throws(CertificateError) { try PEM.write { PEM_write_bio_X509($0, handle) } }
    }

    /// SHA-256 of the certificate: two digits for each byte, with colons between.
    var fingerprint: String {
        var bytes = [UInt8](repeating: 0, count: SHA256.byteCount)
        var count = UInt32(bytes.count)
        X509_digest(handle, EVP_sha256(), &bytes, &count)
        return bytes.map { Hexadecimal.text(of: [$0]).uppercased() }.joined(separator: ":")
    }
}
