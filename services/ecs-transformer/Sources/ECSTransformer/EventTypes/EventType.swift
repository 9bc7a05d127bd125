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
    /// Whether the source is the server, for events that do not say their direction and whose ends are not always in
    /// the order of the connection.
    var sourceIsServer: (@Sendable (_ mapping: borrowing EventMapping) -> Bool)?
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

/// What becomes of one member of an object.
enum FieldRule: Sendable {
    /// Text as it is; numbers and booleans become text.
    case text(ECSField)
    /// Text in lower case.
    case lowercase(ECSField)
    /// A whole number that is not negative, also one given as text.
    case number(ECSField)
    /// `true` or `false`.
    case boolean(ECSField)
    /// A time, written as UTC.
    case date(ECSField)
    /// Hexadecimal digits of a hash, also for `related.hash`.
    case hash(ECSField)
    /// An array of texts, or one text.
    case texts(ECSField)
    /// A time in seconds since the epoch.
    case seconds(ECSField)
    /// A fingerprint for `related.hash` that has no field of its own.
    case relatedHash
    /// The verb for `event.action`, if the event is about the object at hand.
    case action
    /// A user's name, for `user.name` and `related.user`.
    case user
    /// A host's name for `related.hosts`, or its address for `related.ip`.
    case host
    /// An address for `related.ip`, or an array of them.
    case address
}
