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
        mapping.document.set(.message, alert["category"])
        // Users count on these two, so they are set even where a rule has an empty name.
        if let signature = alert["signature"], signature.kind == .string {
            mapping.document.set(.suricataSignature, json: EncodedText(signature.raw))
        }
        mapping.document.set(.suricataSeverity, number: alert["severity"])
        mapping.mapReferences(alert)
        mapping.mapForwardedAddresses(alert["xff"])
        if let metadata = alert["metadata"] {
            mapping.mapThreat(metadata)
            mapping.mapVulnerability(metadata)
            mapping.insertDates(of: metadata, into: alert)
        }
        if mapping.event.isOfType("drop") { mapping.document.append(.eventCategory, "intrusion_detection") }
        guard mapping.event.isOfType("alert") else { return }
        mapping.alertSeverity = alert["severity"]?.wholeNumber ?? 0
        let isDenied =
            alert["action"]?.isEqual(to: "blocked") ?? false || mapping.event.hasVerdict("drop")
            || mapping.event[.verdict]?["reject"] != nil
        mapping.document.append(.eventType, isDenied ? "denied" : "allowed")
        mapping.document.set(.eventAction, "suricata_alert")
    }
}

extension EventMapping {
    fileprivate mutating func mapReferences(_ alert: JSONNode) {
        if let references = alert["references"] {
            var elements = references.elements
            document.set(.ruleReference, elements.next())
        }
        if let group = document.text(alert["gid"]), let id = document.text(alert["signature_id"]),
            let revision = document.text(alert["rev"])
        {
            document.set(.ruleUUID, document.joined(group, EncodedText(":"), id, EncodedText(":"), revision))
        }
        if let signature = alert["signature"]?.encodedString,
            let (_, ruleset) = Self.rulesets.first(where: { signature.hasPrefix($0.prefix) })
        {
            document.set(.ruleRuleset, ruleset)
        } else {
            // Some rules name the file that they stand in.
            var files = alert["metadata"]?["filename"]?.elements
            document.set(.ruleRuleset, files?.next())
        }
    }

    /// The rule sets that can be recognised by how the names of their rules start.
    private static let rulesets: [(prefix: StaticString, name: StaticString)] = [
        ("ET ", "ET Open/Pro"), ("ETPRO ", "ET Pro"), ("GPL ", "GPL"), ("SURICATA ", "SURICATA"),
    ]
}
