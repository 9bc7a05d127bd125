/// The streams of the pipeline, by their names behind the prefix.
public enum StreamName: String, CaseIterable, Sendable {
    /// Raw batches.
    case raw
    /// Batches of documents.
    case ecs
    /// Dead letters.
    case dead
}

/// The names of everything that the services keep in Redis. Layout: docs/event-contract.md.
public struct StreamKeys: Equatable, Sendable {
    /// What all names start with.
    public let prefix: String

    /// Names with this prefix; a second pipeline in the same Redis takes another.
    public init(prefix: String = "ids:") {
        self.prefix = prefix
    }

    /// The stream of raw batches.
    public var raw: String { stream(.raw) }
    /// The stream of document batches.
    public var ecs: String { stream(.ecs) }
    /// The stream of dead letters.
    public var dead: String { stream(.dead) }

    /// A stream of the pipeline.
    public func stream(_ name: StreamName) -> String { prefix + name.rawValue }

    /// The hash of a sensor's checkpoints: a field per file that is followed.
    public func checkpoint(sensor: String) -> String { prefix + "checkpoint:" + sensor }

    /// The hash of a stage's counters, which move in the transactions that move the data.
    public func totals(_ stage: String) -> String { prefix + "totals:" + stage }

    /// The hash of what readers report: a field per sensor.
    public var sensors: String { prefix + "sensors" }
    /// The hash of what local stores report: a field per store.
    public var stores: String { prefix + "stores" }
    /// The hash of the latest counters of Suricata: a field per sensor.
    public var suricata: String { prefix + "suricata" }
    /// The hash of Suricata's counters, added up over its restarts: a field per sensor.
    public var suricataTotals: String { prefix + "suricata:totals" }

    /// The name of the field of a stream entry that holds the batch.
    public static let payloadField = "b"
}
