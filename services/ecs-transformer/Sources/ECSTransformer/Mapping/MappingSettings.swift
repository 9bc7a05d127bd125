/// What can be chosen about the mapping.
public struct MappingSettings: Sendable {
    /// The ECS version that documents name (default 8.17.0).
    public var ecsVersion = "8.17.0"
    /// Whether `event.original` holds the line (default false: `suricata.eve` has all of it).
    public var keepsOriginal = false
    /// Whether passwords and the like are masked (default true); else they are in the documents as Suricata wrote them.
    public var masksSecrets = true
    /// The networks that count as inside for `network.direction`, in CIDR notation (default: the private ranges).
    public var homeNetworks = NetworkSet.privateNetworks
    /// What community ids are told apart by from those of other domains (default 0), Suricata's `community-id-seed`.
    public var communityIDSeed: UInt16 = 0
    /// A City or Country database in MaxMind's format, for `geo.*` (default: none).
    public var geoIPCityFile: String?
    /// An ASN database in MaxMind's format, for `as.*` (default: none).
    public var geoIPASNFile: String?

    var usesGeoIP: Bool { geoIPCityFile != nil || geoIPASNFile != nil }

    /// The defaults.
    public init() {}
}
