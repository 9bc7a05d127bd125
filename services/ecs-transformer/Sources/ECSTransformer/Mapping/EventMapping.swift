import EventContract
import JSON

/// The mapping of one event: what the functions of the event types read and write. It serves one event after the other.
struct EventMapping: ~Copyable {
    /// What can be chosen.
    let settings: MappingSettings
    /// What is added to events.
    let enrichment: Enrichment
    /// The event.
    var event = EVEEvent()
    /// The document so far.
    var document = Document()
    /// The event as it goes into `suricata.eve`.
    var eve = EventCopy()
    /// The number of the protocol above IP; nil where it is not known.
    var transport: UInt8?
    /// Whether the event is about the object at hand, rather than one that only holds it.
    var isOwnObject = false
    /// Whether the source of the event answers the destination, so that the source is the server.
    var sourceIsServer = false
    /// The severity of an alert, 0 when it has none; nil when the event is not an alert.
    var alertSeverity: Int64?
    /// The sensor that the line came from; empty when it is not known.
    var sensor = OwnedText("")
    /// `ecs.version`.
    let ecsVersion: OwnedText

    init(_ settings: MappingSettings) {
        self.settings = settings
        enrichment = Enrichment(settings)
        ecsVersion = OwnedText(settings.ecsVersion)
    }

    /// Starts over with an event.
    mutating func begin(_ root: JSONNode) {
        document.reset()
        event.begin(root)
        transport = nil
        sourceIsServer = false
        alertSeverity = nil
        let text = EncodedText(root.raw)
        eve.reset(text)
        document.set(.suricataEVE, json: text)
        if settings.keepsOriginal { document.set(.eventOriginal, document.encoded(text)) }
    }

    /// Replaces a value of the event in `suricata.eve` by another piece of finished JSON.
    mutating func replaceInEVE(_ node: JSONNode, by json: EncodedText) {
        guard let root = event.root else { return }
        eve.replace(offset: node.offset - root.offset, count: node.raw.count, with: json)
    }

    /// Puts members, each with a comma behind it, in front of those that an object of the event has in `suricata.eve`.
    mutating func insertInEVE(_ members: EncodedText, atFrontOf object: JSONNode) {
        guard let root = event.root else { return }
        eve.replace(offset: object.offset - root.offset + 1, count: 0, with: members)
    }
}
