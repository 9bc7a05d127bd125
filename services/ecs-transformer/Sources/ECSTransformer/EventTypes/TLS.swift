import EventContract
import JSON

extension EventType {
    /// A TLS handshake.
    static let tls = EventType(
        name: "tls", types: ["protocol"], protocolName: "tls", objects: ["tls"],
        rules: ["session_resumed": .boolean(.tlsResumed)]
    ) { tls, mapping in
        mapping.mapTLSVersion(tls["version"])
        mapping.mapServerName(tls["sni"])
        mapping.mapCertificate(tls, .server)
        if let client = tls["client"] { mapping.mapCertificate(client, .client) }
        for name in tls["subjectaltname"]?.elements ?? tls.elements {
            if let host = mapping.hostName(name) { mapping.document.append(.relatedHosts, host) }
        }
        mapping.mapJA3(tls)
        if let hash = tls["ja4"] { mapping.apply(.relatedHash, to: hash) }
        // The server takes one; where its word was not seen, only an offer of a single one leaves no choice.
        var chosen = tls["server_alpns"]?.elements
        mapping.document.set(.tlsNextProtocol, chosen?.next() ?? tls["client_alpns"]?.onlyElement)
        if tls["subject"] != nil || tls["session_resumed"]?.bool == true {
            mapping.document.set(.tlsEstablished, boolean: true)
        }
    }
}

/// The fields of one side's certificate.
private struct CertificateFields {
    let subject: ECSField
    let issuer: ECSField
    let sha1: ECSField
    let notBefore: ECSField
    let notAfter: ECSField
    let certificate: ECSField
    let chain: ECSField
    let serialNumber: ECSField
    let alternativeNames: ECSField
    let x509NotBefore: ECSField
    let x509NotAfter: ECSField
    let subjectName: NameFields
    let issuerName: NameFields

    static let server = CertificateFields(
        subject: .tlsServerSubject, issuer: .tlsServerIssuer, sha1: .tlsServerHashSHA1,
        notBefore: .tlsServerNotBefore, notAfter: .tlsServerNotAfter, certificate: .tlsServerCertificate,
        chain: .tlsServerCertificateChain, serialNumber: .tlsServerX509SerialNumber,
        alternativeNames: .tlsServerX509AlternativeNames, x509NotBefore: .tlsServerX509NotBefore,
        x509NotAfter: .tlsServerX509NotAfter,
        subjectName: NameFields(
            whole: .tlsServerX509SubjectDistinguishedName, commonName: .tlsServerX509SubjectCommonName,
            country: .tlsServerX509SubjectCountry, locality: .tlsServerX509SubjectLocality,
            organization: .tlsServerX509SubjectOrganization,
            organizationalUnit: .tlsServerX509SubjectOrganizationalUnit,
            stateOrProvince: .tlsServerX509SubjectStateOrProvince),
        issuerName: NameFields(
            whole: .tlsServerX509IssuerDistinguishedName, commonName: .tlsServerX509IssuerCommonName,
            country: .tlsServerX509IssuerCountry, locality: .tlsServerX509IssuerLocality,
            organization: .tlsServerX509IssuerOrganization,
            organizationalUnit: .tlsServerX509IssuerOrganizationalUnit,
            stateOrProvince: .tlsServerX509IssuerStateOrProvince))

    static let client = CertificateFields(
        subject: .tlsClientSubject, issuer: .tlsClientIssuer, sha1: .tlsClientHashSHA1,
        notBefore: .tlsClientNotBefore, notAfter: .tlsClientNotAfter, certificate: .tlsClientCertificate,
        chain: .tlsClientCertificateChain, serialNumber: .tlsClientX509SerialNumber,
        alternativeNames: .tlsClientX509AlternativeNames, x509NotBefore: .tlsClientX509NotBefore,
        x509NotAfter: .tlsClientX509NotAfter,
        subjectName: NameFields(
            whole: .tlsClientX509SubjectDistinguishedName, commonName: .tlsClientX509SubjectCommonName,
            country: .tlsClientX509SubjectCountry, locality: .tlsClientX509SubjectLocality,
            organization: .tlsClientX509SubjectOrganization,
            organizationalUnit: .tlsClientX509SubjectOrganizationalUnit,
            stateOrProvince: .tlsClientX509SubjectStateOrProvince),
        issuerName: NameFields(
            whole: .tlsClientX509IssuerDistinguishedName, commonName: .tlsClientX509IssuerCommonName,
            country: .tlsClientX509IssuerCountry, locality: .tlsClientX509IssuerLocality,
            organization: .tlsClientX509IssuerOrganization,
            organizationalUnit: .tlsClientX509IssuerOrganizationalUnit,
            stateOrProvince: .tlsClientX509IssuerStateOrProvince))
}

/// The fields of one name in a certificate.
private struct NameFields {
    let whole: ECSField
    let commonName: ECSField
    let country: ECSField
    let locality: ECSField
    let organization: ECSField
    let organizationalUnit: ECSField
    let stateOrProvince: ECSField

    /// The field for a part of the name, by its short key (RFC 4519); nil for parts that ECS does not have.
    func field(for key: EncodedText) -> ECSField? {
        switch key.count {
        case 1:
            switch key.bytes[0] {
            case UInt8(ascii: "C"): country
            case UInt8(ascii: "L"): locality
            case UInt8(ascii: "O"): organization
            case UInt8(ascii: "S"): stateOrProvince
            default: nil
            }
        case 2:
            key.isEqual(to: "CN")
                ? commonName
                : key.isEqual(to: "OU") ? organizationalUnit : key.isEqual(to: "ST") ? stateOrProvince : nil
        default: nil
        }
    }
}

extension EventMapping {
    fileprivate mutating func mapTLSVersion(_ node: JSONNode?) {
        guard let text = node?.encodedString else { return }
        for (prefix, name) in Self.versionPrefixes where text.hasPrefix(prefix) {
            // Of `TLS 1.3 draft-28` it is the number.
            let start = prefix.utf8CodeUnitCount
            let version = text.part(from: start, to: text.firstIndex(of: " ", from: start) ?? text.count)
            document.set(.tlsVersion, version.isEqual(to: "1") ? EncodedText("1.0") : version)
            return document.set(.tlsVersionProtocol, name)
        }
    }

    /// How Suricata's names of versions start; `TLSv1` is version 1.0.
    private static let versionPrefixes: [(StaticString, StaticString)] = [
        ("TLS ", "tls"), ("TLSv", "tls"), ("SSLv", "ssl"), ("SSL ", "ssl"),
    ]

    fileprivate mutating func mapCertificate(_ object: JSONNode, _ fields: CertificateFields) {
        for member in object.members {
            let key = member.key
            let value = member.value
            if key.isEqual(to: "subject") {
                document.set(fields.subject, value)
                mapName(value, fields.subjectName)
            } else if key.isEqual(to: "issuerdn") {
                document.set(fields.issuer, value)
                mapName(value, fields.issuerName)
            } else if key.isEqual(to: "serial") {
                if let text = value.encodedString, let serial = document.uppercased(text, without: ":"),
                    serial.isHexadecimal
                {
                    document.set(fields.serialNumber, serial)
                }
            } else if key.isEqual(to: "fingerprint") {
                if let text = value.encodedString, let hash = document.uppercased(text, without: ":"),
                    hash.isHexadecimal, hash.count == 40
                {
                    document.set(fields.sha1, hash)
                    document.append(.relatedHash, hash)
                }
            } else if key.isEqual(to: "notbefore") {
                mapDate(value, fields.notBefore, fields.x509NotBefore)
            } else if key.isEqual(to: "notafter") {
                mapDate(value, fields.notAfter, fields.x509NotAfter)
            } else if key.isEqual(to: "subjectaltname") {
                document.append(fields.alternativeNames, value)
            } else if key.isEqual(to: "certificate") {
                document.set(fields.certificate, value)
            } else if key.isEqual(to: "chain") {
                document.append(fields.chain, value)
            }
        }
    }

    /// Sets both fields to a time of a certificate, also to one beyond what a count of nanoseconds holds: certificates
    /// without an end have the last second of 9999 (RFC 5280, section 4.1.2.5).
    private mutating func mapDate(_ node: JSONNode, _ field: ECSField, _ x509Field: ECSField) {
        document.set(field, date: node)
        document.set(x509Field, date: node)
        guard !document.has(field), let text = node.encodedString, text.count == 19,
            text.part(from: 0, to: 4).isDecimal,
            text.bytes[0] != UInt8(ascii: "0"), text.bytes[10] == UInt8(ascii: "T")
        else { return }
        // All but the year is read as of a year within bounds.
        let year = EncodedText("2001")
        let copy = document.arena.allocate(19)
        copy.update(from: text.bytes, count: 19)
        copy.update(from: year.bytes, count: 4)
        guard EventTime.parse(UnsafeRawBufferPointer(start: copy, count: 19)) != nil else { return }
        let time = document.joined(text, EncodedText(".000000Z"))
        document.set(field, time)
        document.set(x509Field, time)
    }

    private mutating func mapName(_ node: JSONNode, _ fields: NameFields) {
        guard let text = node.encodedString else { return }
        document.set(fields.whole, text)
        var name = DistinguishedName(document.decoded(node))
        while let (key, value) = name.next() {
            if let field = fields.field(for: key) { document.append(field, document.encoded(value)) }
        }
    }

    /// Maps the fingerprints of both sides, of a handshake over TCP or QUIC.
    mutating func mapJA3(_ handshake: JSONNode) {
        if let hash = handshake["ja3"]?["hash"] { apply(.hash(.tlsClientJA3), to: hash) }
        if let hash = handshake["ja3s"]?["hash"] { apply(.hash(.tlsServerJA3S), to: hash) }
    }
}
