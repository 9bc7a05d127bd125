/// An event as it lies in the store.
public struct StoredEvent: Sendable, Equatable {
    /// Where it stands in the order of answers.
    public let place: EventQuery.Place
    /// The id of the document.
    public let id: String
    /// As Suricata names it; nil for an event without a type.
    public let eventType: String?
    /// Of alerts only; 1 is the worst.
    public let severity: Int64?
    /// Address of the source.
    public let sourceIP: String?
    /// Port of the source.
    public let sourcePort: Int64?
    /// Address of the destination.
    public let destinationIP: String?
    /// Port of the destination.
    public let destinationPort: Int64?
    /// The rule's text, of alerts only.
    public let signature: String?
    /// The ECS document, JSON on one line.
    public let document: String
}
