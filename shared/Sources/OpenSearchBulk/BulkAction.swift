import CivilTime
public import EventContract
import JSON

/// Writes the action lines of bulk requests: create this id in the index of the event's own UTC day and class, or in one data
/// stream.
///
/// Apart from the id the line changes once a day at most, so it is kept.
public struct BulkAction: Sendable {
    /// Where an event goes.
    public enum Destination: Hashable, Sendable {
        /// The index of the event's UTC day.
        case day(DailyIndex)
        /// The shared index for events of days without an index of their own.
        case outside(EventClass)
        /// The data stream.
        case stream
    }

    /// The days that get an index of their own; a wrong clock could otherwise create an index for every day there is.
    public var days: ClosedRange<Int64> = .min ... .max
    private let indexPrefix: String
    private let isDataStream: Bool
    private var destination: Destination?
    /// The line up to the id.
    private var front: [UInt8] = []
    /// The line from the id on.
    private static let end = Array("\"}}\n".utf8)

    /// - Parameters:
    ///   - indexPrefix: what index names start with, for example `suricata` for `suricata-2026.02.01`: lower case
    ///     letters, digits, `-`, `_` and `.`, starting with a letter or digit, at most 200 characters.
    ///   - isDataStream: whether `indexPrefix` is the whole name, of a data stream, for events of any day.
    /// - Throws: ``IndexPrefixError``.
    public init(indexPrefix: String, isDataStream: Bool = false) throws(IndexPrefixError) {
        let bytes = Array(indexPrefix.utf8)
        let isAlphanumeric = { (byte: UInt8) in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        guard let first = bytes.first, isAlphanumeric(first), bytes.count <= 200,
            bytes.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) })
        else { throw IndexPrefixError(indexPrefix) }
        self.indexPrefix = indexPrefix
        self.isDataStream = isDataStream
    }

    /// The UTC day of a time, counted from 1970-01-01.
    /// - Parameter time: nanoseconds since the epoch.
    public static func day(_ time: Int64) -> Int64 { Int64(CivilDay.daysSinceEpoch(of: time)) }

    /// Where an event goes.
    /// - Parameters:
    ///   - time: nanoseconds since the epoch.
    ///   - eventClass: its class; without classes that of telemetry.
    public func destination(time: Int64, eventClass: EventClass = .telemetry) -> Destination {
        if isDataStream { return .stream }
        let day = Self.day(time)
        return days.contains(day) ? .day(DailyIndex(eventClass, day: day)) : .outside(eventClass)
    }

    /// Appends `{"create":{"_index":"suricata-2026.02.01","_id":"…"}}` and a newline.
    /// - Parameters:
    ///   - time: the time of the event, in nanoseconds since the epoch.
    ///   - eventClass: its class; without classes that of telemetry.
    public mutating func append(
        id: EventID, time: Int64, eventClass: EventClass = .telemetry, to output: inout [UInt8]
    ) {
        let destination = destination(time: time, eventClass: eventClass)
        if destination != self.destination {
            self.destination = destination
            let index = index(destination)
            let line = JSONWriter.object { line in
                line.object("create") {
                    $0.member("_index", index); $0.member("_id", "")
                }
            }
            front = Array(line.dropLast(Self.end.count - 1))
        }
        output += front
        id.append(to: &output)
        output += Self.end
    }

    /// The name of the index or data stream.
    public func index(_ destination: Destination) -> String {
        switch destination {
        case .stream: indexPrefix
        case .outside(let eventClass): "\(indexPrefix)\(eventClass.infix)-outside"
        case .day(let index): index.name(prefix: indexPrefix)
        }
    }
}

/// A text that OpenSearch does not accept as the prefix of an index's name.
public struct IndexPrefixError: Error, Equatable, CustomStringConvertible {
    /// The text.
    public let prefix: String

    init(_ prefix: String) {
        self.prefix = prefix
    }

    /// A sentence for people.
    public var description: String { "'\(prefix)' cannot start the name of an index" }
}
