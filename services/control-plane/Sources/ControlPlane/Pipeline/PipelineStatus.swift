import EventContract

/// Where events are, whether they flow, and if not, why: what the page shows first.
struct PipelineStatus: Sendable {
    /// Whether events flow.
    enum State: String, CaseIterable, Sendable {
        /// Nothing hinders them.
        case flows
        /// Everything is ready, and Suricata has not written anything yet.
        case waiting
        /// They do not get past a stage.
        case stuck
        /// It cannot be told.
        case unknown
    }

    /// Something that events pass through.
    struct Stage: Sendable {
        /// How a stage is, from good to bad.
        enum State: String, CaseIterable, Sendable {
            case ok, slow, unknown, stuck
        }

        /// What waits in front of it.
        struct Waiting: Sendable, Equatable {
            var events: Double?
            var batches: Double?
            var bytes: Double?
            var bytesMax: Double?
            /// For how long the oldest has waited.
            var seconds: Double?
        }

        let kind: StageKind
        var state = State.ok
        /// What is wrong, as the end of a sentence; nil for nothing.
        var detail: String?
        /// What a person can do.
        var advice: String?
        /// Since when it is like this, in nanoseconds since the epoch.
        var since: Int64 = 0
        var eventsPerSecond: Double?
        var waiting: Waiting?
        /// How long the last canary took from its making until it had passed here.
        var canaryMilliseconds: Double?
    }

    /// The event of our own that goes the whole way.
    struct Canary: Sendable {
        /// Time between two; 0 for none.
        var intervalMilliseconds: Int
        /// When the last one was seen to have been made, in nanoseconds since the epoch.
        var made: Int64?
        /// The first stage that it has not passed although there was time; nil for none.
        var missing: StageKind?
    }

    /// Redis, as the exporter has found it.
    struct RedisState: Sendable {
        var isUp: Bool?
        var memoryBytes: Double?
        var memoryMaxBytes: Double?
    }

    /// A rule with many alerts.
    struct NoisyRule: Sendable {
        var id: Int64
        var name: String
        var count: Int64
    }

    /// When it was found, in nanoseconds since the epoch.
    var time: Int64
    var state = State.unknown
    var sentence = ""
    var advice: String?
    /// What is stuck; nil when nothing is. `redis` is none of the stages.
    var stuckAt: String?
    /// Since when, in nanoseconds since the epoch.
    var since: Int64?
    var newestEvent: Int64?
    var stages: [Stage] = []
    var services: [ServiceState] = []
    var box = Box()
    var redis = RedisState()
    /// How far the pipeline is held back: `ids_backpressure_level`.
    var backpressure: Double?
    var deadLetters: Double?
    var canary: Canary
    var noisyRules: [NoisyRule] = []
    /// Alerts of all rules in the same time.
    var alerts: Int64 = 0
}

/// The stages in the order of the flow.
enum StageKind: Sendable, Hashable, CaseIterable {
    case suricata, reader, transformer
    case store(SinkKind)

    static let allCases: [StageKind] = [.suricata, .reader, .transformer, .store(.sqlite), .store(.opensearch)]

    /// Its service, as its container is called.
    var name: String {
        switch self {
        case .suricata: "suricata"
        case .reader: Stage.eveReader
        case .transformer: Stage.ecsTransformer
        case .store(.sqlite): "local-store"
        case .store(.opensearch): "opensearch-shipper"
        }
    }

    /// What it is called in a sentence.
    var title: String { self == .suricata ? "Suricata" : name }

    /// The name under which it counts; nil for what is not ours.
    var stage: String? {
        switch self {
        case .suricata: nil
        case .reader: Stage.eveReader
        case .transformer: Stage.ecsTransformer
        case .store(let sink): sink.group
        }
    }

    /// The stream that it takes batches from; nil for who takes none.
    var stream: StreamName? {
        switch self {
        case .suricata, .reader: nil
        case .transformer: .raw
        case .store: .ecs
        }
    }

    /// How many events have passed it since ever; nil when it is not known.
    func total(in exporter: Exposition) -> Double? {
        switch self {
        case .suricata: nil
        case .reader: exporter.value("ids_events_read_total")
        case .transformer: exporter.value("ids_events_mapped_total")
        case .store(let sink): exporter.value("ids_events_stored_total", ["group": sink.group])
        }
    }
}
