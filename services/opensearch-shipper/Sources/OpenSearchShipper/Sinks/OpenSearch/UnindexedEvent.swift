import JSON
import OpenSearch

/// A document whose `suricata.eve` OpenSearch will not index: it is sent once more with the event under another name,
/// which is kept and not looked into.
///
/// So the values that Suricata copies from the network cannot make OpenSearch refuse a document, whatever their types,
/// their length or their number. The ECS fields are indexed all the same.
enum UnindexedEvent {
    /// What is put after `eve`, so that the member is ``EVEMapping/unindexedName``.
    static let nameEnd = EVEMapping.unindexedName.dropFirst("eve".count)

    /// Whether a refusal with these words of OpenSearch's can be about the event: it names a field of it, no field at all
    /// (odd names such as `a..b`, "failed to parse: field name cannot …"), or a limit that only the event can reach.
    static func isPossibleCause(ofRefusal reason: String) -> Bool {
        reason.contains("suricata.eve") || reason.hasPrefix("failed to parse:") || reason.hasPrefix("Limit of ")
    }

    private static let key = Array("\"eve\":".utf8)

    /// Where in the document ``nameEnd`` has to be inserted; nil when there is no `suricata.eve` directly after its key.
    static func offset(in document: UnsafeRawBufferPointer) -> Int? {
        var tree = JSONTree()
        guard let event = try? tree.parse(document)["suricata"]?["eve"] else { return nil }
        let keyOffset = event.offset - key.count
        guard keyOffset >= 0, document[keyOffset..<event.offset].elementsEqual(key) else { return nil }
        return event.offset - 2
    }
}
