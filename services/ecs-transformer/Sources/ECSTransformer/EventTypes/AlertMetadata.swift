import CivilTime
import JSON

// What the metadata of a rule says: threats, vulnerabilities, and its own age.
extension EventMapping {
    /// MITRE ATT&CK from the rule's metadata. `mitre_attack` holds the id of a technique.
    mutating func mapThreat(_ metadata: JSONNode) {
        for member in metadata.members {
            let key = member.key
            if key.isEqual(to: "mitre_tactic_id") {
                forEachText(in: member.value) { text, mapping in mapping.appendTactic(text) }
            } else if key.isEqual(to: "mitre_technique_id") || key.isEqual(to: "mitre_attack") {
                forEachText(in: member.value) { text, mapping in mapping.appendTechnique(text) }
            } else if key.isEqual(to: "mitre_tactic_name") {
                appendNames(member.value, to: .threatTacticName)
            } else if key.isEqual(to: "mitre_technique_name") {
                appendNames(member.value, to: .threatTechniqueName)
            }
        }
        if document.has(.threatTacticID) || document.has(.threatTechniqueID) || document.has(.threatTacticName)
            || document.has(.threatTechniqueName)
        {
            document.set(.threatFramework, "MITRE ATT&CK")
        }
    }

    /// Adds names, in which the metadata of rules has underscores for spaces.
    private mutating func appendNames(_ node: JSONNode, to field: ECSField) {
        forEachText(in: node) { text, mapping in
            mapping.document.append(field, mapping.document.replacing("_", by: " ", in: text))
        }
    }

    private mutating func forEachText(
        in node: JSONNode, _ use: (EncodedText, inout EventMapping) -> Void
    ) {
        if let text = node.encodedString { use(text, &self) }
        for element in node.elements { if let text = element.encodedString { use(text, &self) } }
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
    mutating func mapVulnerability(_ metadata: JSONNode) {
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
        if let node = metadata["cvss_v3_base"] {
            forEachText(in: node) { text, mapping in
                if text.isScore { mapping.document.set(.vulnerabilityScoreBase, json: text) }
            }
        }
    }

    /// Puts the days on which the rule was made and changed beside the metadata, as `alert.created_at` and
    /// `alert.updated_at` of `suricata.eve`: the metadata has lists of texts, by which nothing can be sorted.
    mutating func insertDates(of metadata: JSONNode, into alert: JSONNode) {
        var members = EncodedText("")
        for (key, name) in Self.dates {
            var values = metadata[key]?.elements
            guard let text = values?.next()?.encodedString, text.isDay, alert[key] == nil else { continue }
            let day = document.replacing("_", by: "-", in: text)
            members = document.joined(members, EncodedText(name), day, EncodedText("\","))
        }
        if !members.isEmpty { insertInEVE(members, atFrontOf: alert) }
    }

    private static let dates: [(key: StaticString, name: StaticString)] = [
        ("created_at", "\"created_at\":\""), ("updated_at", "\"updated_at\":\""),
    ]
}

extension EncodedText {
    /// Whether the text is a figure such as `7`, `9.8` or `10.0`.
    fileprivate var isScore: Bool {
        let dot = firstIndex(of: ".") ?? count
        let whole = part(from: 0, to: dot)
        guard whole.isDecimal, whole.count == 1 || whole.isEqual(to: "10") else { return false }
        return dot == count || part(from: dot + 1).isDecimal
    }

    /// Whether the text is a day such as `2019_07_26` or `2019-07-26`.
    fileprivate var isDay: Bool {
        guard count == 10, bytes[4] == bytes[7], bytes[4] == UInt8(ascii: "_") || bytes[4] == UInt8(ascii: "-"),
            part(from: 0, to: 4).isDecimal, part(from: 5, to: 7).isDecimal, part(from: 8).isDecimal
        else { return false }
        func number(_ start: Int, _ count: Int) -> Int {
            part(from: start, to: start + count).buffer.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        guard 1...12 ~= number(5, 2), 1...31 ~= number(8, 2) else { return false }
        let day = CivilDay(year: number(0, 4), month: number(5, 2), day: number(8, 2))
        return CivilDay(daysSinceEpoch: day.daysSinceEpoch) == day
    }
}
