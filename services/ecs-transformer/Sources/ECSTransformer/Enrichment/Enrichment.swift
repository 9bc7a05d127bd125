import GeoIP
import Networks
import PublicSuffix

/// What documents get beyond what the event says: from the settings, databases and the public suffix list.
struct Enrichment: ~Copyable {
    /// Finds the registered part of domain names.
    let publicSuffixes = PublicSuffixList()
    /// Computes ids of connections for events that have none.
    let communityID: CommunityID
    private let homeNetworks: [IPNetwork]
    /// Nil when no database is configured.
    private let geoIP: GeoIP?

    init(_ settings: MappingSettings) {
        homeNetworks = settings.homeNetworks
        geoIP = settings.usesGeoIP ? GeoIP(cityFile: settings.geoIPCityFile, asnFile: settings.geoIPASNFile) : nil
        communityID = CommunityID(seed: settings.communityIDSeed)
    }

    /// Whether addresses are looked up.
    var hasGeoIP: Bool { geoIP != nil }

    /// Opens databases of addresses that have appeared or changed.
    /// - Returns: what changed since the last call, each fault once.
    func refreshGeoIP() -> [GeoIP.Change] { geoIP?.refresh() ?? [] }

    /// Where an address is and whose network it belongs to, as far as the databases know it.
    func geoRecord(of address: IPAddress) -> GeoIPRecord? { geoIP?.record(of: address) }

    /// `network.direction`, by the home networks.
    func direction(from source: IPAddress, to destination: IPAddress) -> StaticString {
        switch (isInside(source), isInside(destination)) {
        case (true, true): "internal"
        case (true, false): "outbound"
        case (false, true): "inbound"
        case (false, false): "external"
        }
    }

    private func isInside(_ address: IPAddress) -> Bool { homeNetworks.contains { $0.contains(address) } }
}
