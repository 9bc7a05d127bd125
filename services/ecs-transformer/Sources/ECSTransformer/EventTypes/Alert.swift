import JSON

extension EventType {
    /// A rule has matched. The objects of the application protocols beside it are mapped as in their own events.
    static let alert = EventType(
        name: "alert", kind: "alert", categories: ["network", "intrusion_detection"], types: [], objects: ["alert"],
        rules: [
            "signature_id": .text(.ruleID), "rev": .text(.ruleVersion), "signature": .text(.ruleName),
            "category": .text(.ruleCategory), "severity": .number(.eventSeverity),
        ]
    ) { alert, mapping in
        mapping.set(.message, alert["category"])
        // Users count on these two, so that they are there even where a rule has an empty name.
        if let signature = alert["signature"], signature.kind == .string {
            mapping.document.set(.suricataSignature, json: EncodedText(signature.raw))
        }
        mapping.set(.suricataSeverity, number: alert["severity"])
        mapping.mapReferences(alert)
        mapping.mapForwardedAddress(alert["xff"])
        if let metadata = alert["metadata"] {
            mapping.mapThreat(metadata)
            mapping.mapVulnerability(metadata)
        }
        guard mapping.isEvent("alert") else { return }
        let isDenied =
            alert["action"]?.isEqual(to: "blocked") ?? false || mapping.verdict("drop")
            || mapping.members[.verdict]?["reject"] != nil
        mapping.document.append(.eventType, isDenied ? "denied" : "allowed")
        mapping.document.set(.eventAction, "suricata_alert")
    }
}

extension EventMapping {
    fileprivate mutating func mapReferences(_ alert: JSONNode) {
        if let references = alert["references"] {
            var elements = references.elements
            set(.ruleReference, elements.next())
        }
        if let group = Self.text(alert["gid"]), let id = Self.text(alert["signature_id"]),
            let revision = Self.text(alert["rev"])
        {
            document.set(.ruleUUID, document.joined(group, EncodedText(":"), id, EncodedText(":"), revision))
        }
        if let signature = Self.string(alert["signature"]),
            let (_, ruleset) = Self.rulesets.first(where: { signature.hasPrefix($0.prefix) })
        {
            document.set(.ruleRuleset, ruleset)
        }
    }

    /// The rule sets whose rules can be told by how their names start.
    private static let rulesets: [(prefix: StaticString, name: StaticString)] = [
        ("ET ", "ET Open/Pro"), ("ETPRO ", "ET Pro"), ("GPL ", "GPL"), ("SURICATA ", "SURICATA"),
    ]

    /// The first address that a proxy says it speaks for. The list is the client's or the proxy's own word.
    mutating func mapForwardedAddress(_ node: JSONNode?) {
        guard let text = Self.string(node) else { return }
        var rest = text
        while !rest.isEmpty {
            let end = rest.firstIndex(of: ",") ?? rest.count
            let address = rest.part(from: 0, to: end).trimmed
            if IPAddress(address) != nil {
                document.set(.networkForwardedIP, address)
                document.append(.relatedIP, address)
            }
            rest = rest.part(from: min(end + 1, rest.count))
        }
    }

    /// MITRE ATT&CK from the rule's metadata. `mitre_attack` holds the id of a technique.
    fileprivate mutating func mapThreat(_ metadata: JSONNode) {
        for member in metadata.members {
            let key = member.key
            if key.isEqual(to: "mitre_tactic_id") {
                forEachText(in: member.value) { text, mapping in mapping.appendTactic(text) }
            } else if key.isEqual(to: "mitre_technique_id") || key.isEqual(to: "mitre_attack") {
                forEachText(in: member.value) { text, mapping in mapping.appendTechnique(text) }
            } else if key.isEqual(to: "mitre_tactic_name") {
                forEachText(in: member.value) { text, mapping in
                    mapping.document.append(.threatTacticName, mapping.document.replacing("_", by: " ", in: text))
                }
            } else if key.isEqual(to: "mitre_technique_name") {
                forEachText(in: member.value) { text, mapping in
                    mapping.document.append(.threatTechniqueName, mapping.document.replacing("_", by: " ", in: text))
                }
            }
        }
        if document.has(.threatTacticID) || document.has(.threatTechniqueID) || document.has(.threatTacticName)
            || document.has(.threatTechniqueName)
        {
            document.set(.threatFramework, "MITRE ATT&CK")
        }
    }

    private mutating func forEachText(
        in node: JSONNode, _ use: (EncodedText, inout EventMapping) -> Void
    ) {
        if let text = Self.string(node) { use(text, &self) }
        for element in node.elements { if let text = Self.string(element) { use(text, &self) } }
    }

    private mutating func appendTactic(_ text: EncodedText) {
        guard let id = document.uppercased(text, without: " "), id.count == 6, id.hasPrefix("TA"),
            id.part(from: 2).isDecimal
        else { return }
        document.append(.threatTacticID, id)
    }

    /// Takes `T1059` and `T1059.003`, which names a technique and one of its subtechniques.
    private mutating func appendTechnique(_ text: EncodedText) {
        guard let id = document.uppercased(text, without: " "), id.count >= 5, id.hasPrefix("T") else { return }
        guard id.part(from: 1, to: 5).isDecimal else { return appendTactic(text) }
        let technique = id.part(from: 0, to: 5)
        if id.count == 5 {
            document.append(.threatTechniqueID, technique)
        } else if id.count == 9, id.bytes[5] == UInt8(ascii: "."), id.part(from: 6).isDecimal {
            document.append(.threatTechniqueID, technique)
            document.append(.threatTechniqueSubtechniqueID, id)
        }
    }

    /// The first CVE of the rule: `2021_44228`, `CVE_2021_44228` and `CVE-2021-44228` name the same.
    fileprivate mutating func mapVulnerability(_ metadata: JSONNode) {
        if let node = metadata["cve"] {
            forEachText(in: node) { text, mapping in
                guard !mapping.document.has(.vulnerabilityID),
                    let capitals = mapping.document.uppercased(text, without: " ")
                else { return }
                var number = mapping.document.replacing("_", by: "-", in: capitals)
                if number.hasPrefix("CVE-") { number = number.part(from: 4) }
                guard number.count >= 9, number.bytes[4] == UInt8(ascii: "-"), number.part(from: 0, to: 4).isDecimal,
                    number.part(from: 5).isDecimal
                else { return }
                mapping.document.set(.vulnerabilityID, mapping.document.joined(EncodedText("CVE-"), number))
                mapping.document.set(.vulnerabilityEnumeration, "CVE")
            }
        }
        if let score = Self.string(metadata["cvss_v3_base"]?.onlyElement), score.isScore {
            document.set(.vulnerabilityScoreBase, json: score)
        }
    }
}

extension EncodedText {
    /// Whether the text is made of the digits 0 to 9 only, and has some.
    var isDecimal: Bool { !isEmpty && buffer.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } }

    /// Whether the text is a figure such as `7`, `9.8` or `10.0`.
    fileprivate var isScore: Bool {
        let dot = firstIndex(of: ".") ?? count
        let whole = part(from: 0, to: dot)
        guard whole.isDecimal, whole.count == 1 || whole.isEqual(to: "10") else { return false }
        return dot == count || part(from: dot + 1).isDecimal
    }
}
