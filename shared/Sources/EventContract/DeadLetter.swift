import CivilTime

/// A line, document or entry that can never work, with all that is needed to find out why.
public struct DeadLetter: Equatable, Sendable {
    /// Where the bytes came from.
    public struct Origin: Equatable, Sendable {
        /// The service that gave up on them, for example `ecs-transformer`.
        public var service: String
        /// The sensor, empty when it is not known.
        public var sensor: String
        /// The path of the file, empty when it is not known.
        public var sourcePath: String
        /// Where the line starts in the file, in bytes.
        public var offset: UInt64?
        /// The id of the document.
        public var documentID: String?
        /// The stream entry that held it.
        public var entryID: String?

        /// An origin; unknown parts are left out.
        public init(
            service: String, sensor: String = "", sourcePath: String = "", offset: UInt64? = nil,
            documentID: String? = nil, entryID: String? = nil
        ) {
            self.service = service
            self.sensor = sensor
            self.sourcePath = sourcePath
            self.offset = offset
            self.documentID = documentID
            self.entryID = entryID
        }
    }

    /// The most bytes of a line or document that a letter keeps: 1 MiB. The rest of a longer one is cut off; `size` has its
    /// length. Only an entry that no consumer could finish is kept whole.
    public static let bytesMax = 1 << 20

    /// Why it can never work: one sentence, or what the store answered.
    public var reason: String
    /// Where the bytes came from.
    public var origin: Origin
    /// How many times it was tried, at least 1.
    public var attempt: Int
    /// When it was given up, in nanoseconds since the epoch.
    public var time: Int64
    /// The bytes, or their first part.
    public var bytes: [UInt8]
    /// How many bytes there were before any were cut off.
    public var size: Int

    /// A letter about these bytes.
    public init(
        reason: String, origin: Origin, attempt: Int = 1, time: Int64, bytes: UnsafeRawBufferPointer, size: Int? = nil
    ) {
        self.reason = reason
        self.origin = origin
        self.attempt = attempt
        self.time = time
        self.bytes = Array(bytes.prefix(Self.bytesMax))
        self.size = size ?? bytes.count
    }

    /// A letter as an entry of the stream holds it. What is missing there, or cannot be read, is empty or unknown; the bytes
    /// are as many as are there.
    public init(fields: [String: [UInt8]]) {
        func text(_ name: String) -> String { String(decoding: fields[name] ?? [], as: UTF8.self) }
        reason = text("reason")
        origin = Origin(
            service: text("service"), sensor: text("sensor"), sourcePath: text("source"),
            offset: UInt64(text("offset")),
            documentID: fields["document"] == nil ? nil : text("document"),
            entryID: fields["entry"] == nil ? nil : text("entry"))
        attempt = max(1, Int(text("attempt")) ?? 1)
        time = fields["time"].flatMap { $0.withUnsafeBytes { EventTime.parse($0) } } ?? 0
        bytes = fields["bytes"] ?? []
        size = Int(text("size")) ?? bytes.count
    }

    /// The fields of the stream entry, in order, each readable with redis-cli.
    public var fields: [(name: String, value: [UInt8])] {
        var fields: [(name: String, value: [UInt8])] = [
            ("reason", Array(reason.utf8)), ("service", Array(origin.service.utf8)),
            ("sensor", Array(origin.sensor.utf8)), ("source", Array(origin.sourcePath.utf8)),
        ]
        if let offset = origin.offset { fields.append(("offset", Array(String(offset).utf8))) }
        if let id = origin.documentID { fields.append(("document", Array(id.utf8))) }
        if let id = origin.entryID { fields.append(("entry", Array(id.utf8))) }
        fields += [
            ("attempt", Array(String(attempt).utf8)), ("time", Array(UTCTimestamp(time).description.utf8)),
            ("size", Array(String(size).utf8)),
            ("bytes", bytes),
        ]
        return fields
    }
}
