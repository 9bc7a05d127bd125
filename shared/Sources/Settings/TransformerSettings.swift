public import Configuration
public import Networks

/// How `ecs-transformer` takes raw batches and gives documents.
public struct TransformerSettings: Sendable {
    /// The name under which Redis knows this process.
    public var consumerName = Keys.consumerName.fallback
    /// Batches that are written to Redis and not yet confirmed.
    public var batchesInFlight = Keys.batchesInFlight.fallback
    /// Longest wait for the next batch, and so between two signs of life.
    public var blockMilliseconds = Keys.blockMilliseconds.fallback
    /// Batches of a consumer that was silent for so long are taken over.
    public var claimAfterMilliseconds = Keys.claimAfterMilliseconds.fallback
    /// Memory that the stream of documents may take in Redis before the transformer waits.
    public var streamBytesMax = Keys.streamBytesMax.fallback
    /// Level of zstd; 0 leaves batches uncompressed.
    public var compressionLevel = Keys.compressionLevel.fallback
    /// Networks that count as inside.
    public var homeNetworks = Keys.homeNetworks.fallback
    /// Suricata's `community-id-seed`, for events that Suricata has written without an id.
    public var communityIDSeed = Keys.communityIDSeed.fallback
    /// The version of ECS that documents name.
    public var ecsVersion = Keys.ecsVersion.fallback
    /// Whether documents hold the event's line once more, as `event.original`.
    public var keepsOriginal = Keys.keepOriginal.fallback
    /// Whether passwords and the like are masked in documents.
    public var masksSecrets = Keys.maskSecrets.fallback
    /// A City or Country database in MaxMind's format; nil for none.
    public var geoIPCityFile = Keys.geoIPCityFile.fallback
    /// An ASN database in MaxMind's format; nil for none.
    public var geoIPASNFile = Keys.geoIPASNFile.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `ecs_transformer`.
    public init(from reader: ConfigurationReader) {
        consumerName = reader.value(of: Keys.consumerName)
        batchesInFlight = reader.value(of: Keys.batchesInFlight)
        blockMilliseconds = reader.value(of: Keys.blockMilliseconds)
        claimAfterMilliseconds = reader.value(of: Keys.claimAfterMilliseconds)
        streamBytesMax = reader.value(of: Keys.streamBytesMax)
        compressionLevel = reader.value(of: Keys.compressionLevel)
        homeNetworks = reader.value(of: Keys.homeNetworks)
        communityIDSeed = reader.value(of: Keys.communityIDSeed)
        ecsVersion = reader.value(of: Keys.ecsVersion)
        keepsOriginal = reader.value(of: Keys.keepOriginal)
        masksSecrets = reader.value(of: Keys.maskSecrets)
        geoIPCityFile = reader.value(of: Keys.geoIPCityFile)
        geoIPASNFile = reader.value(of: Keys.geoIPASNFile)
    }

    /// The keys of the section `ecs_transformer`.
    public enum Keys {
        /// `ecs_transformer.http_port`
        public static let httpPort = ConfigurationKey(
            "ecs_transformer.http_port", .port, default: 9102, "Port of ecs-transformer's metrics and health.")
        /// `ecs_transformer.consumer_name`
        public static let consumerName = ConfigurationKey(
            "ecs_transformer.consumer_name", .name, default: SensorSettings.hostName, fallbackText: "the host name",
            """
            The name under which Redis knows this process. It must stay the same over restarts, and differ between \
            transformers that run at the same time.
            """)
        /// `ecs_transformer.batches_in_flight`
        public static let batchesInFlight = ConfigurationKey(
            "ecs_transformer.batches_in_flight", .integer(in: 1...64), default: 2,
            "Mapped batches that may be on their way to Redis before the transformer waits for a confirmation.")
        /// `ecs_transformer.block_ms`
        public static let blockMilliseconds = ConfigurationKey(
            "ecs_transformer.block_ms", .milliseconds(in: 10...5_000), default: 1_000,
            "Longest time for which Redis holds a request for the next batch when there is none.")
        /// `ecs_transformer.claim_after_ms`
        public static let claimAfterMilliseconds = ConfigurationKey(
            "ecs_transformer.claim_after_ms", .milliseconds(in: 1_000...86_400_000), default: 60_000,
            "Batches that another transformer took and did not finish for so long are taken over.")
        /// `ecs_transformer.stream_bytes_max`
        public static let streamBytesMax = ConfigurationKey(
            "ecs_transformer.stream_bytes_max", .bytes(in: (1 << 20)...(1 << 40)), default: 256 << 20,
            "Memory that the stream of documents may take in Redis; beyond it the transformer stops reading.")
        /// `ecs_transformer.compression_level`
        public static let compressionLevel = ConfigurationKey(
            "ecs_transformer.compression_level", .integer(in: 0...19), default: 1,
            "Level of zstd for batches of documents; 0 leaves them uncompressed.")
        /// `ecs_transformer.home_networks`
        public static let homeNetworks = ConfigurationKey(
            "ecs_transformer.home_networks", .list(of: network, count: 1...64, example: ("10.0.0.0/8", "fd00::/8")),
            default: IPNetwork.privateNetworks,
            "Networks that count as inside where `network.direction` is told, in CIDR notation.")
        /// `ecs_transformer.community_id_seed`
        public static let communityIDSeed = ConfigurationKey(
            "ecs_transformer.community_id_seed", .integer(in: 0...65_535), default: 0,
            """
            Seed of `network.community_id` for events that have no id, and so the same as `community-id-seed` in \
            Suricata's configuration and that of other tools whose records are to be found by it.
            """)
        /// `ecs_transformer.ecs_version`
        public static let ecsVersion = ConfigurationKey(
            "ecs_transformer.ecs_version", .name, default: "8.17.0",
            "The version of Elastic Common Schema that documents name as `ecs.version`.")
        /// `ecs_transformer.keep_original`
        public static let keepOriginal = ConfigurationKey(
            "ecs_transformer.keep_original", .boolean, default: false,
            "Whether documents hold the line as text in `event.original`, beside `suricata.eve`, which has all of it.")
        /// `ecs_transformer.mask_secrets`
        public static let maskSecrets = ConfigurationKey(
            "ecs_transformer.mask_secrets", .boolean, default: true,
            """
            Whether passwords and the like become `***` wherever documents would hold them, `suricata.eve` and \
            `event.original` included; docs/ecs-mapping.md lists the places.
            """)
        /// `ecs_transformer.geoip_city_file`
        public static let geoIPCityFile = ConfigurationKey(
            "ecs_transformer.geoip_city_file", .optionalPath, default: nil, environment: "GEOIP_CITY_FILE",
            "City or Country database in MaxMind's format, for `geo.*`. Read again when it is replaced (by renaming).")
        /// `ecs_transformer.geoip_asn_file`
        public static let geoIPASNFile = ConfigurationKey(
            "ecs_transformer.geoip_asn_file", .optionalPath, default: nil, environment: "GEOIP_ASN_FILE",
            "ASN database in MaxMind's format, for `as.*`. Read again when it is replaced (by renaming).")

        private static let network = ValueForm<IPNetwork>(
            allowed: "a network as `192.168.0.0/16` or `fd00::/8`", text: { $0.description }, parse: { IPNetwork($0) })
    }

    /// The section `ecs_transformer`.
    public static let section = ConfigurationSection(
        "ecs_transformer", "Maps events to Elastic Common Schema.",
        keys: [
            Keys.httpPort.definition, Keys.consumerName.definition, Keys.batchesInFlight.definition,
            Keys.blockMilliseconds.definition, Keys.claimAfterMilliseconds.definition,
            Keys.streamBytesMax.definition, Keys.compressionLevel.definition, Keys.homeNetworks.definition,
            Keys.communityIDSeed.definition, Keys.ecsVersion.definition, Keys.keepOriginal.definition,
            Keys.maskSecrets.definition, Keys.geoIPCityFile.definition, Keys.geoIPASNFile.definition,
        ])
}
