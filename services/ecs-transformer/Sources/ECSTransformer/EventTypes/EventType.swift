import JSON

/// How one event type of Suricata is mapped. Each has a file of its own and one line in `EventType.all`.
struct EventType: Sendable {
    /// Maps an object of the event, beyond what the rules of its members do.
    typealias Map = @Sendable (_ object: JSONNode, _ mapping: inout EventMapping) -> Void

    /// The `event_type` of events of this type.
    var name: String
    /// `event.kind`.
    var kind: StaticString = "event"
    /// `event.category`.
    var categories: [StaticString] = ["network"]
    /// `event.type`.
    var types: [StaticString] = ["info"]
    /// `event.action` where the event's objects have no verb; nil for `suricata_` and the name.
    var action: String?
    /// `network.protocol` where the event itself does not say it.
    var protocolName: StaticString?
    /// `network.application` where the event itself does not say it.
    var applicationName: StaticString?
    /// Whether the source is the server, for events that do not say their direction and whose source is not always the
    /// client.
    var sourceIsServer: (@Sendable (_ event: borrowing EVEEvent) -> Bool)?
    /// The name of the type whose objects the event is about, where it has none of its own.
    var subject: String?
    /// The keys of the event's members that hold this type's objects, in events of this or of any other type.
    var objects: [String] = []
    /// What becomes of the object's members that map one to one.
    var rules: KeyValuePairs<String, FieldRule> = [:]
    /// What else is to be done with an object.
    var map: Map?

    /// All event types that have a mapping.
    static let all: [EventType] = [
        alert, anomaly, arp, bittorrentDHT, dcerpc, dhcp, dnp3, dns, doh2, drop, email, engine, enip, fileinfo, flow,
        frame, ftp, ftpData, http, http2, ike, ikev2, imap, krb5, ldap, llmnr, mdns, metadata, modbus, mqtt, netflow,
        nfs, ntp, packet, pgsql, pop3, quic, rdp, rfb, rpc, sip, smb, smtp, snmp, ssh, stats, streamTCP, telnet,
        template, tftp, tls, websocket,
    ]
}
