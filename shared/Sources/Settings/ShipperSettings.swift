public import Configuration
public import EventContract

/// How `opensearch-shipper` takes documents and where it puts them.
public struct ShipperSettings: Sendable {
    /// Where documents go.
    public var sink = Keys.sink.fallback
    /// The name under which Redis knows this process.
    public var consumerName = Keys.consumerName.fallback
    /// The groups that must have acknowledged a batch before it is removed from Redis; each once.
    public var requiredGroups = Keys.requiredGroups.fallback
    /// Groups that count as required if they exist: those of the other sinks, when nobody said which are.
    public var groupsRequiredIfPresent = SinkKind.allCases.dropFirst().map(\.group)
    /// Batches that are taken from Redis and not yet stored.
    public var batchesInFlight = Keys.batchesInFlight.fallback
    /// Longest wait for the next batch, and so between two signs of life.
    public var blockMilliseconds = Keys.blockMilliseconds.fallback
    /// Batches of a consumer that was silent for so long are taken over.
    public var claimAfterMilliseconds = Keys.claimAfterMilliseconds.fallback
    /// Pause after the first failed attempt.
    public var backoffMinMilliseconds = Keys.backoffMinMilliseconds.fallback
    /// Longest pause between two attempts.
    public var backoffMaxMilliseconds = Keys.backoffMaxMilliseconds.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `opensearch_shipper`.
    public init(from reader: ConfigurationReader) {
        sink = reader.value(of: Keys.sink)
        consumerName = reader.value(of: Keys.consumerName)
        (requiredGroups, groupsRequiredIfPresent) = Self.requiredGroups(from: reader, sink)
        batchesInFlight = reader.value(of: Keys.batchesInFlight)
        blockMilliseconds = reader.value(of: Keys.blockMilliseconds)
        claimAfterMilliseconds = reader.value(of: Keys.claimAfterMilliseconds)
        let backoffMin = reader.setting(of: Keys.backoffMinMilliseconds)
        backoffMinMilliseconds = backoffMin.value
        backoffMaxMilliseconds = reader.value(of: Keys.backoffMaxMilliseconds)
        if backoffMinMilliseconds > backoffMaxMilliseconds {
            reader.report(
                """
                \(Keys.backoffMinMilliseconds.name) is \(backoffMinMilliseconds), more than \
                \(Keys.backoffMaxMilliseconds.name), which is \(backoffMaxMilliseconds)
                """, at: backoffMin.origin)
        }
    }

    /// Without the key the own group is required, and so is that of another sink once it has a shipper.
    private static func requiredGroups(
        from reader: ConfigurationReader, _ sink: SinkKind
    ) -> (required: [String], ifPresent: [String]) {
        let setting = reader.setting(of: Keys.requiredGroups)
        let others = SinkKind.allCases.filter { $0 != sink }
        guard setting.origin.isSet else {
            reader.record(Keys.requiredGroups, Setting([sink.group], from: .fallback))
            return ([sink.group], others.map(\.group))
        }
        var groups: [String] = []
        for group in setting.value where !groups.contains(group) { groups.append(group) }
        reader.record(Keys.requiredGroups, Setting(groups, from: setting.origin))
        for group in groups where group != sink.group {
            let whose = others.first { $0.group == group }.map { "a shipper with `--sink \($0.rawValue)`" }
            reader.note(
                """
                \(Keys.requiredGroups.name) names \(group), which is not the group of the sink \(sink.rawValue): no entry \
                leaves Redis before \(whose ?? "another program") has read it by that group
                """, at: setting.origin)
        }
        if !groups.contains(sink.group) {
            reader.note(
                """
                \(Keys.requiredGroups.name) does not name \(sink.group), the group of the sink \(sink.rawValue): entries \
                may leave Redis before this shipper has stored them
                """, at: setting.origin)
        }
        return (groups, [])
    }

    /// The keys of the section `opensearch_shipper`.
    public enum Keys {
        /// `opensearch_shipper.sink`
        public static let sink = ConfigurationKey(
            "opensearch_shipper.sink", .choice, default: SinkKind.opensearch,
            option: .value("--sink", valueName: "NAME"), "Where the documents go.")
        /// `opensearch_shipper.http_port`
        public static let httpPort = ConfigurationKey(
            "opensearch_shipper.http_port", .port, default: 9103,
            "Port of the metrics and health of a shipper to OpenSearch.")
        /// `opensearch_shipper.consumer_name`
        public static let consumerName = ConfigurationKey(
            "opensearch_shipper.consumer_name", .name, default: SensorSettings.hostName,
            fallbackText: "the host name",
            """
            The name under which Redis knows this process. It must stay the same over restarts, and differ between \
            shippers of one sink that run at the same time.
            """)
        /// `opensearch_shipper.required_groups`
        public static let requiredGroups = ConfigurationKey(
            "opensearch_shipper.required_groups",
            .list(of: .name, count: 1...8, example: ("local", "opensearch")), default: [SinkKind.opensearch.group],
            fallbackText: "the group of the sink",
            """
            Consumer groups that must all have acknowledged a batch of documents before it is removed from Redis: \
            `opensearch`, `local` (the SQLite store). By default that of the shipper's own sink, and that of the other \
            one as soon as Redis has it. One that does not exist keeps everything in Redis.
            """)
        /// `opensearch_shipper.batches_in_flight`
        public static let batchesInFlight = ConfigurationKey(
            "opensearch_shipper.batches_in_flight", .integer(in: 1...64), default: 8,
            "Batches that are taken from Redis and not yet stored.")
        /// `opensearch_shipper.block_ms`
        public static let blockMilliseconds = ConfigurationKey(
            "opensearch_shipper.block_ms", .milliseconds(in: 10...5_000), default: 1_000,
            "Longest time for which Redis holds a request for the next batch when there is none.")
        /// `opensearch_shipper.claim_after_ms`
        public static let claimAfterMilliseconds = ConfigurationKey(
            "opensearch_shipper.claim_after_ms", .milliseconds(in: 1_000...86_400_000), default: 60_000,
            "Batches that another shipper took and did not finish for so long are taken over.")
        /// `opensearch_shipper.backoff_min_ms`
        public static let backoffMinMilliseconds = ConfigurationKey(
            "opensearch_shipper.backoff_min_ms", .milliseconds(in: 10...60_000), default: 200,
            "Pause after the first failed attempt; it doubles with each further one and is jittered.")
        /// `opensearch_shipper.backoff_max_ms`
        public static let backoffMaxMilliseconds = ConfigurationKey(
            "opensearch_shipper.backoff_max_ms", .milliseconds(in: 10...3_600_000), default: 30_000,
            "Longest pause between two attempts.")
    }

    /// The section `opensearch_shipper`.
    public static let section = ConfigurationSection(
        "opensearch_shipper", "Puts documents into OpenSearch or into a local store.",
        keys: [
            Keys.sink.definition, Keys.httpPort.definition, Keys.consumerName.definition,
            Keys.requiredGroups.definition, Keys.batchesInFlight.definition, Keys.blockMilliseconds.definition,
            Keys.claimAfterMilliseconds.definition, Keys.backoffMinMilliseconds.definition,
            Keys.backoffMaxMilliseconds.definition,
        ])
}
