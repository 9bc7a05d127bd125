public import GeoIP
import JSON

/// Maps EVE lines to documents. One mapper serves one thread; its memory is reused from line to line.
public struct LineMapper: ~Copyable {
    /// What one line, or a part of it, has become.
    public enum Outcome {
        /// A document.
        case document(MappedDocument)
        /// Nothing: the bytes can never become a document.
        case rejected(Rejection)
    }

    /// Called with each part of a line, its offset in the line, and what it has become. The bytes are valid during the call
    /// only.
    public typealias Receiver = (_ part: UnsafeRawBufferPointer, _ offset: Int, _ outcome: Outcome) -> Void

    var tree = JSONTree()
    var mapping: EventMapping
    private let tables: EventTypeTables
    private let secretMask: SecretMask
    private let layout = FieldLayout()
    private var output: UnsafeMutablePointer<UInt8>
    private var outputCapacity = Self.keptOutputBytes

    private static let keptOutputBytes = 1 << 18

    /// The names of the known event types, and last `other` for all unknown ones.
    public static let typeNames: [String] = EventType.all.map(\.name) + ["other"]

    /// A mapper with these settings.
    public init(_ settings: MappingSettings = MappingSettings()) {
        mapping = EventMapping(settings)
        secretMask = SecretMask(hash: tree.keyHash)
        tables = EventTypeTables(EventType.all, secretMembers: secretMask.memberNames, hash: tree.keyHash)
        output = .allocate(capacity: outputCapacity)
    }

    deinit { output.deallocate() }

    /// Sets the sensor that the following lines come from, for events that do not name one themselves.
    public mutating func setSensor(_ name: String) {
        mapping.sensor = OwnedText(name)
    }

    /// Opens the databases of addresses that have appeared or changed; to be called at start and every few seconds.
    /// - Returns: what changed since the last call, each fault once.
    public func refreshGeoIP() -> [GeoIP.Change] { mapping.enrichment.refreshGeoIP() }

    /// Maps one line (without newline).
    ///
    /// Almost always that gives one document. A line that a full disk or a kill has left behind can hold several events, or
    /// pieces of them: then `each` is called for each part, in order. Bytes that are not UTF-8 are repaired, and of a key
    /// that occurs twice in an object the last value is kept; the document is tagged in both cases.
    /// - Parameter readTime: when the line was read, in nanoseconds since the epoch. It replaces a time that is missing or
    ///   implausible: before 1990, or more than 24 hours after it.
    public mutating func map(_ line: UnsafeRawBufferPointer, readTime: Int64, _ each: Receiver) {
        guard let root = try? tree.parse(line), root.kind == .object, !tree.hasDuplicateKeys else {
            return mapUnusual(line, readTime: readTime, each)
        }
        each(line, 0, document(of: root, tag: nil, readTime: readTime))
    }

    /// Maps the event that the tree holds.
    mutating func document(of event: JSONNode, tag: StaticString?, readTime: Int64) -> Outcome {
        mapping.begin(event)
        let type = sortMembers(of: event)
        if mapping.settings.masksSecrets, !mapping.event.secretMembers.isEmpty,
            let masked = secretMask.masked(event, mapping.event.secretMembers)
        {
            return maskedDocument(of: masked, tag: tag, readTime: readTime)
        }
        return finishedDocument(type, tag: tag, readTime: readTime)
    }

    /// Maps an event that has secrets by the text that has masks in their places, so that no field can hold them.
    private mutating func maskedDocument(of text: [UInt8], tag: StaticString?, readTime: Int64) -> Outcome {
        text.withUnsafeBytes { text in
            guard let event = try? tree.parse(text) else {
                return .rejected(Rejection(reason: .tooComplex, description: "too complex once its secrets are masked"))
            }
            mapping.begin(event)
            return finishedDocument(sortMembers(of: event), tag: tag, readTime: readTime)
        }
    }

    /// Maps the event whose members are sorted.
    private mutating func finishedDocument(_ type: Int?, tag: StaticString?, readTime: Int64) -> Outcome {
        let (time, problem) = mapping.mapTime(readTime: readTime)
        if let problem {
            mapping.document.set(.eventKind, "pipeline_error")
            mapping.document.set(.errorMessage, problem)
        }
        if let tag { mapping.document.append(.tags, tag) }
        mapping.mapCommonFields()
        tables.map(type, &mapping)
        mapping.mapClientAndServer()
        return .document(
            MappedDocument(
                bytes: written(), time: time, isTimeUsable: problem == nil,
                typeIndex: type ?? Self.typeNames.count - 1, alertSeverity: mapping.alertSeverity))
    }

    /// Gives back the memory that one huge event has taken. The bytes of the last document are not valid after it.
    public mutating func releaseMemory() {
        mapping.document.reset()
        tree.releaseMemory()
        guard outputCapacity > Self.keptOutputBytes else { return }
        output.deallocate()
        outputCapacity = Self.keptOutputBytes
        output = .allocate(capacity: outputCapacity)
    }

    private mutating func written() -> UnsafeRawBufferPointer {
        let bytesMax = mapping.document.writtenBytesMax(layout) + mapping.eve.writtenBytesMax
        if bytesMax > outputCapacity || outputCapacity > Self.keptOutputBytes {
            output.deallocate()
            outputCapacity = max(bytesMax, Self.keptOutputBytes)
            output = .allocate(capacity: outputCapacity)
        }
        let count = mapping.document.write(to: output, layout: layout, eve: mapping.eve)
        return UnsafeRawBufferPointer(start: output, count: count)
    }

    /// Sorts the members of the event.
    /// - Returns: the event's type, as a position in the list of types; nil for an unknown one.
    @inline(__always)
    private mutating func sortMembers(of event: JSONNode) -> Int? {
        for member in event.members { tables.sort(member.key, member.value, into: &mapping.event) }
        return tables.type(named: mapping.event.typeName)
    }
}
