import Networks

/// The fields for the parts of a domain name.
struct DomainFields {
    let registeredDomain: ECSField
    let subdomain: ECSField
    let topLevelDomain: ECSField

    static let question = DomainFields(
        registeredDomain: .dnsQuestionRegisteredDomain, subdomain: .dnsQuestionSubdomain,
        topLevelDomain: .dnsQuestionTopLevelDomain)
    static let url = DomainFields(
        registeredDomain: .urlRegisteredDomain, subdomain: .urlSubdomain, topLevelDomain: .urlTopLevelDomain)
}

extension EventMapping {
    /// Splits a host name by the public suffix list. Addresses, and names with nothing in front of the suffix, have no such
    /// parts.
    mutating func setDomainParts(of name: EncodedText, _ fields: DomainFields) {
        guard IPAddress(name) == nil else { return }
        let name = document.lowercased(name)
        let suffixCount = enrichment.publicSuffixes.suffixLength(of: name.buffer)
        // The suffix, the dot in front of it, and at least one byte of a label.
        guard suffixCount > 0, suffixCount + 2 <= name.count else { return }
        let labelEnd = name.count - suffixCount - 1
        let labelStart = name.part(from: 0, to: labelEnd).lastIndex(of: ".").map { $0 + 1 } ?? 0
        guard labelStart < labelEnd else { return }
        document.set(fields.topLevelDomain, name.part(from: labelEnd + 1))
        document.set(fields.registeredDomain, name.part(from: labelStart))
        if labelStart > 1 { document.set(fields.subdomain, name.part(from: 0, to: labelStart - 1)) }
    }
}
