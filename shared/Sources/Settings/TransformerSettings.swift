// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import Networks

/// How `ecs-transformer` takes raw batches and gives documents.
public struct TransformerSettings: SettingsSection {
    @Setting(
        "ecs_transformer.http_port", .port, default: 9102, "Port of ecs-transformer's metrics and health.")
    public var httpPort

    @Setting(
        "ecs_transformer.consumer_name", .name, default: SensorSettings.hostName, fallbackText: "the host name",
        """
        The name under which Redis knows this process. It must stay the same over restarts, and differ between \
        transformers that run at the same time.
        """)
    public var consumerName

    @Setting(
        "ecs_transformer.batches_in_flight", .integer(in: 1...64), default: 2,
        "Mapped batches that may be on their way to Redis before the transformer waits for a confirmation.")
    public var batchesInFlight

    @Setting(
        "ecs_transformer.block_ms", .milliseconds(in: 10...5_000), default: 1_000,
        "Longest time for which Redis holds a request for the next batch when there is none.")
    public var blockMilliseconds

    @Setting(
        "ecs_transformer.claim_after_ms", .milliseconds(in: 1_000...86_400_000), default: 60_000,
        "Batches that another transformer took and did not finish for so long are taken over.")
    public var claimAfterMilliseconds

    @Setting(
        "ecs_transformer.stream_bytes_max", .bytes(in: (1 << 20)...(1 << 40)), default: 256 << 20,
        "Memory that the stream of documents may take in Redis; beyond it the transformer stops reading.")
    public var streamBytesMax

    @Setting(
        "ecs_transformer.compression_level", .integer(in: 0...19), default: 1,
        "Level of zstd for batches of documents; 0 leaves them uncompressed.")
    public var compressionLevel

    @Setting(
        "ecs_transformer.home_networks", .list(of: .network, count: 1...64, example: ("10.0.0.0/8", "fd00::/8")),
        default: IPNetwork.privateNetworks,
        "Networks that count as inside where `network.direction` is told, in CIDR notation.")
    public var homeNetworks

    @Setting(
        "ecs_transformer.community_id_seed", .integer(in: 0...65_535), default: 0,
        """
        Seed of `network.community_id` for events that have no id, and so the same as `community-id-seed` in \
        Suricata's configuration and that of other tools whose records are to be found by it.
        """)
    public var communityIDSeed

    @Setting(
        "ecs_transformer.ecs_version", .name, default: "8.17.0",
        "The version of Elastic Common Schema that documents name as `ecs.version`.")
    public var ecsVersion

    @Setting(
        "ecs_transformer.keep_original", .boolean, default: false,
        "Whether documents hold the line as text in `event.original`, beside `suricata.eve`, which has all of it.")
    public var keepsOriginal

    @Setting(
        "ecs_transformer.mask_secrets", .boolean, default: true,
        """
        Whether passwords and the like become `***` wherever documents would hold them, `suricata.eve` and \
        `event.original` included; docs/ecs-mapping.md lists the places.
        """)
    public var masksSecrets

    @Setting(
        "ecs_transformer.geoip_city_file", .optionalPath, default: nil, environment: "GEOIP_CITY_FILE",
        "City or Country database in MaxMind's format, for `geo.*`. Read again when it is replaced (by renaming).")
    public var geoIPCityFile

    @Setting(
        "ecs_transformer.geoip_asn_file", .optionalPath, default: nil, environment: "GEOIP_ASN_FILE",
        "ASN database in MaxMind's format, for `as.*`. Read again when it is replaced (by renaming).")
    public var geoIPASNFile

    public init() {}

    /// The section `ecs_transformer`.
    public static let section = ConfigurationSection(
        "ecs_transformer", "Maps events to Elastic Common Schema.", of: Self.self)
}
