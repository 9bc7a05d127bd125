/// An event as stored.
public struct StoredEvent: Sendable, Equatable {
    /// Its place in the order of results.
    public let place: EventQuery.Place
    /// The id of the document.
    public let id: String
    /// The event type, as Suricata names it; nil for an event without one.
    public let eventType: String?
    /// Severity, of alerts only; 1 is the worst.
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
