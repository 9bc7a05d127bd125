import EventContract
import GeoIP
import JSON
import PublicSuffix

/// One event on its way from EVE to ECS: what the functions of the event types read and write.
struct EventMapping: ~Copyable {
    /// What can be chosen.
    let settings: MappingSettings
    let homeNetworks: NetworkSet
    let publicSuffixes = PublicSuffixList()
    /// Where addresses are; nil when no database is configured.
    let geoIP: GeoIP?
    /// Computes ids for events that have none.
    let communityID: CommunityID
    /// `ecs.version`.
    let ecsVersion: EncodedText
    /// The document so far.
    var document = Document()
    /// The event itself, as it goes into `suricata.eve`.
    var eve = EventCopy()
    /// The event's own members.
    var members = EventMembers()
    /// The event's objects that a type maps.
    var objects: [EventTypeTables.Object] = []
    /// The event's members that may hold secrets.
    var secretMembers: [(value: JSONNode, tree: SecretTree)] = []
    /// The whole event, for what depends on more than one of its objects.
    var event: JSONNode?
    /// The `event_type`; empty when it is missing.
    var typeName = EncodedText("")
    /// The number of the protocol above IP; nil where it is not known.
    var transport: UInt8?
    /// Whether the event is of the type that maps the object at hand, rather than one that only holds such an object.
    var isOwnObject = false
    /// Whether the source of the event answers the destination, so that the source is the server.
    var sourceIsServer = false
    /// The severity that an alert gives, 0 when it gives none; nil when the event is no alert.
    var alertSeverity: Int64?
    /// The sensor that the line came from; empty when it is not known.
    var sensor: [UInt8] = []

    init(settings: MappingSettings, homeNetworks: NetworkSet) {
        self.settings = settings
        self.homeNetworks = homeNetworks
        geoIP = settings.usesGeoIP ? GeoIP(cityFile: settings.geoIPCityFile, asnFile: settings.geoIPASNFile) : nil
        communityID = CommunityID(seed: settings.communityIDSeed)
        var version: [UInt8] = []
        JSONText.appendQuoted(settings.ecsVersion, to: &version)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: version.count)
        bytes.initialize(from: version, count: version.count)
        ecsVersion = EncodedText(bytes, count: version.count).part(from: 1, to: version.count - 1)
    }

    deinit { (ecsVersion.bytes - 1).deallocate() }

    /// Starts over with an event.
    mutating func begin(_ event: JSONNode) {
        document.reset()
        members.reset()
        objects.removeAll(keepingCapacity: true)
        secretMembers.removeAll(keepingCapacity: true)
        self.event = event
        transport = nil
        sourceIsServer = false
        alertSeverity = nil
        let text = EncodedText(event.raw)
        eve.reset(text)
        document.set(.suricataEVE, json: text)
        if settings.keepsOriginal { document.set(.eventOriginal, document.encoded(text)) }
    }

    /// Replaces a value of the event in `suricata.eve` by another piece of finished JSON.
    mutating func replaceInEVE(_ node: JSONNode, by json: EncodedText) {
        guard let event else { return }
        eve.replace(offset: node.offset - event.offset, count: node.raw.count, with: json)
    }

    /// Puts members, each with a comma behind it, in front of those that an object of the event has in `suricata.eve`.
    mutating func insertInEVE(_ members: EncodedText, atFrontOf object: JSONNode) {
        guard let event else { return }
        eve.replace(offset: object.offset - event.offset + 1, count: 0, with: members)
    }

    /// Whether the event is of that type, rather than one that only holds an object of it.
    func isEvent(_ name: StaticString) -> Bool { typeName.isEqual(to: name) }

    /// Sets a text field to what a string, number or boolean holds.
    mutating func set(_ field: ECSField, _ node: JSONNode?) {
        if let text = text(node) { document.set(field, text) }
    }

    /// Gives an array field the text of a string or number, or of each that an array holds.
    mutating func append(_ field: ECSField, _ node: JSONNode?) {
        guard let node else { return }
        if node.kind == .array {
            for element in node.elements { if let text = text(element) { document.append(field, text) } }
        } else if let text = text(node) {
            document.append(field, text)
        }
    }

    /// Sets a text field to a string in lower case.
    mutating func set(_ field: ECSField, lowercase node: JSONNode?) {
        if let text = Self.text(node) { document.set(field, document.lowercased(text)) }
    }

    /// Sets a number field to a whole number that is not negative and fits 63 bits, also when it is given as text.
    mutating func set(_ field: ECSField, number node: JSONNode?) {
        guard let node else { return }
        // What has fewer digits than the largest number is written as it is, without being read.
        if node.kind == .integer, node.content.count < 19, node.content[0] != UInt8(ascii: "-") {
            document.set(field, json: EncodedText(node.content))
        } else if let number = Self.number(node) {
            document.set(field, integer: number)
        }
    }

    /// Sets a date field to a time, in UTC with microseconds.
    mutating func set(_ field: ECSField, date node: JSONNode?) {
        guard let node, let time = EventTime.parse(node) else { return }
        document.set(field, document.timestamp(time, written: EncodedText(node.content)))
    }

    /// The same as `Self.text`, with whole numbers by their digits: `2` for `2.0`.
    @inline(__always)
    mutating func text(_ node: JSONNode?) -> EncodedText? {
        if let node, node.kind == .real, let number = Self.number(node) { return document.digits(of: number) }
        return Self.text(node)
    }

    /// The text of a string, number or boolean; nil for everything else and for an empty string.
    @inline(__always)
    static func text(_ node: JSONNode?) -> EncodedText? {
        guard let node else { return nil }
        switch node.kind {
        case .string, .integer, .real, .true, .false:
            let text = EncodedText(node.content)
            return text.isEmpty ? nil : text
        case .null, .array, .object: return nil
        }
    }

    /// The text of a string; nil for everything else and for an empty string.
    @inline(__always)
    static func string(_ node: JSONNode?) -> EncodedText? {
        guard let node, node.kind == .string, node.content.count > 0 else { return nil }
        return EncodedText(node.content)
    }

    /// A whole number that is not negative, also when it is given as text.
    static func number(_ node: JSONNode?) -> Int64? {
        guard let node else { return nil }
        switch node.kind {
        case .integer, .real, .string:
            guard let number = JSONText.wholeNumber(node.content), number >= 0 else { return nil }
            return number
        case .null, .true, .false, .object, .array: return nil
        }
    }
}
