import SQLite

/// An event as stored.
public struct StoredEvent: Sendable, Equatable {
    /// The id of the document.
    public let id: String
    /// Its own time, in nanoseconds since the epoch.
    public let timestamp: Int64
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
    /// Its number in the order of storing; none is used twice.
    public let sequence: Int64
    /// The protocol above IP, such as `tcp`.
    public let transport: String?
    /// The protocol of the application, such as `dns`.
    public let applicationProtocol: String?
    /// Suricata's number of the flow.
    public let flowID: Int64?
    /// The rule's number, of alerts only.
    public let signatureID: Int64?
    /// The name of the sensor.
    public let sensor: String?

    /// Its place in the order of results.
    public var place: EventQuery.Place { EventQuery.Place(timestamp: timestamp, sequence: sequence) }

    /// The beginning of a statement whose rows are events.
    static let selection =
        "SELECT \((EventStoreSchema.storedColumns + EventStoreSchema.derivedColumns).joined(separator: ", ")) FROM events"

    /// The current row of a statement that begins with ``selection``.
    init(_ row: SQLiteStatement) {
        (id, timestamp, eventType) = (row.text(at: 0) ?? "", row.integer(at: 1) ?? 0, row.text(at: 2))
        severity = row.integer(at: 3)
        (sourceIP, sourcePort) = (row.text(at: 4), row.integer(at: 5))
        (destinationIP, destinationPort) = (row.text(at: 6), row.integer(at: 7))
        (signature, document) = (row.text(at: 8), row.text(at: 9) ?? "")
        sequence = row.integer(at: 10) ?? 0
        (transport, applicationProtocol) = (row.text(at: 11), row.text(at: 12))
        (flowID, signatureID, sensor) = (row.integer(at: 13), row.integer(at: 14), row.text(at: 15))
    }
}
