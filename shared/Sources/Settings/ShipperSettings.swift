// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import EventContract

/// How `opensearch-shipper` takes documents and where it puts them.
public struct ShipperSettings: SettingsSection {
    @Setting(
        "opensearch_shipper.sink", .choice, default: SinkKind.opensearch,
        option: .value("--sink", valueName: "NAME"), "Where the documents go.")
    public var sink

    @Setting(
        "opensearch_shipper.http_port", .port, default: 9103,
        "Port of the metrics and health of a shipper to OpenSearch.")
    public var httpPort

    @Setting(
        "opensearch_shipper.consumer_name", .name, default: SensorSettings.hostName,
        fallbackText: "the host name",
        """
        The name under which Redis knows this process. It must stay the same over restarts, and differ between \
        shippers of one sink that run at the same time.
        """)
    public var consumerName

    @Setting(
        "opensearch_shipper.required_groups",
        .list(of: .name, count: 1...8, example: ("local", "opensearch")), default: [SinkKind.opensearch.group],
        fallbackText: "the group of the sink",
        """
        Consumer groups that must all have acknowledged a batch of documents before it is removed from Redis: \
        `opensearch`, `local` (the SQLite store). By default that of the shipper's own sink, and that of the other \
        one as soon as Redis has it. One that does not exist keeps everything in Redis.
        """)
    public var requiredGroups

    @Setting(
        "opensearch_shipper.batches_in_flight", .integer(in: 1...64), default: 8,
        "Batches that are taken from Redis and not yet stored.")
    public var batchesInFlight

    @Setting(
        "opensearch_shipper.block_ms", .milliseconds(in: 10...5_000), default: 1_000,
        "Longest time for which Redis holds a request for the next batch when there is none.")
    public var blockMilliseconds

    @Setting(
        "opensearch_shipper.claim_after_ms", .milliseconds(in: 1_000...86_400_000), default: 60_000,
        "Batches that another shipper took and did not finish for so long are taken over.")
    public var claimAfterMilliseconds

    @Setting(
        "opensearch_shipper.backoff_min_ms", .milliseconds(in: 10...60_000), default: 200,
        "Pause after the first failed attempt; it doubles with each further one and is jittered.")
    public var backoffMinMilliseconds

    @Setting(
        "opensearch_shipper.backoff_max_ms", .milliseconds(in: 10...3_600_000), default: 30_000,
        "Longest pause between two attempts.")
    public var backoffMaxMilliseconds

    /// Groups that are required if they exist: those of the other sinks, unless the required groups are set.
    public var groupsRequiredIfPresent = SinkKind.allCases.dropFirst().map(\.group)

    public init() {}

    public mutating func complete(_ reader: ConfigurationReader) {
        settleRequiredGroups(reader)
        if backoffMinMilliseconds > backoffMaxMilliseconds {
            reader.report(
                """
                \($backoffMinMilliseconds.name) is \(backoffMinMilliseconds), more than \
                \($backoffMaxMilliseconds.name), which is \(backoffMaxMilliseconds)
                """, at: $backoffMinMilliseconds.origin)
        }
    }

    /// Without the key the own group is required, and so is that of another sink once it has a shipper.
    private mutating func settleRequiredGroups(_ reader: ConfigurationReader) {
        let others = SinkKind.allCases.filter { $0 != sink }
        guard $requiredGroups.origin.isSet else {
            groupsRequiredIfPresent = others.map(\.group)
            return _requiredGroups.derive([sink.group], from: .fallback, in: reader)
        }
        var groups: [String] = []
        for group in requiredGroups where !groups.contains(group) { groups.append(group) }
        groupsRequiredIfPresent = []
        _requiredGroups.derive(groups, from: $requiredGroups.origin, in: reader)
        for group in groups where group != sink.group {
            let whose = others.first { $0.group == group }.map { "a shipper with `--sink \($0.rawValue)`" }
            reader.note(
                """
                \($requiredGroups.name) names \(group), which is not the group of the sink \(sink.rawValue): no entry \
                leaves Redis before \(whose ?? "another program") has read it by that group
                """, at: $requiredGroups.origin)
        }
        if !groups.contains(sink.group) {
            reader.note(
                """
                \($requiredGroups.name) does not name \(sink.group), the group of the sink \(sink.rawValue): entries \
                may leave Redis before this shipper has stored them
                """, at: $requiredGroups.origin)
        }
    }

    /// The section `opensearch_shipper`.
    public static let section = ConfigurationSection(
        "opensearch_shipper", "Puts documents into OpenSearch or into a local store.", of: Self.self)
}
