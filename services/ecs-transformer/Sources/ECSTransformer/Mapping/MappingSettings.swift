public import Networks
import Settings

/// What can be chosen about the mapping.
public struct MappingSettings: Sendable {
    /// The ECS version that documents name (default: that of the service).
    public var ecsVersion = TransformerSettings().ecsVersion
    /// Whether `event.original` holds the line (default false: `suricata.eve` has all of it).
    public var keepsOriginal = false
    /// Whether passwords and other secrets are masked (default true).
    public var masksSecrets = true
    /// The networks that count as inside for `network.direction` (default: the private ones).
    public var homeNetworks = IPNetwork.privateNetworks
    /// The seed of community ids (default 0): Suricata's `community-id-seed`.
    public var communityIDSeed: UInt16 = 0
    /// A City or Country database in MaxMind's format, for `geo.*` (default: none).
    public var geoIPCityFile: String?
    /// An ASN database in MaxMind's format, for `as.*` (default: none).
    public var geoIPASNFile: String?

    var usesGeoIP: Bool { geoIPCityFile != nil || geoIPASNFile != nil }

    /// The defaults.
    public init() {}
}
