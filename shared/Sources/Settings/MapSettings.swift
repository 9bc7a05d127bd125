// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import Networks

/// What the live map shows, and to whom.
public struct MapSettings: SettingsSection {
    /// An own network: its hosts are shown one by one, under its name.
    public struct Network: Sendable {
        public let name: String
        public let range: IPNetwork
        /// The sensor that sees it; nil for any.
        public let sensor: String?
    }

    /// A proxy whose requests are shown.
    public struct Proxy: Sendable {
        /// The name of the network in which its services are.
        public let network: String
        /// Path of its access log, in JSON.
        public let accessLog: String
        /// Base URL of its API; nil when names are taken from the log alone.
        public let apiURL: String?
        /// Whether it takes requests from everywhere.
        public let isPublic: Bool

        public init(network: String, accessLog: String, apiURL: String?, isPublic: Bool) {
            (self.network, self.accessLog, self.apiURL, self.isPublic) = (network, accessLog, apiURL, isPublic)
        }
    }

    /// An address with a name.
    public struct Service: Sendable {
        public let name: String
        public let network: String
        public let address: IPAddress
        let addressText: String
    }

    @Setting(
        "map.networks",
        .list(of: networkForm, count: 1...64, example: ("name=home cidr=192.168.0.0/16", "name=lab cidr=10.9.0.0/16")),
        default: IPNetwork.privateNetworks.map { Network(name: "home", range: $0, sensor: nil) },
        """
        Own networks: their hosts are shown one by one, in a region with that name, all others as parts of the world \
        outside. A name may have several networks; `sensor` says which sensor sees this one, where two have the same \
        addresses. In the file an item may be written as `{name: home, cidr: 192.168.0.0/16}`.
        """)
    public var networks

    @Setting(
        "map.traefik",
        ValueForm<[Proxy]>.list(
            of: proxyForm, count: 1...16,
            example: (
                "network=shop access_log=/var/log/traefik/access.log public=true",
                "network=back access_log=/var/log/back.log"
            )
        ).optional, default: nil,
        """
        Traefik proxies whose requests are shown: the network in which their services are, the access log (in JSON), \
        the URL of the API for the names of services, and whether the proxy takes requests from everywhere. In the \
        file an item may be written as `{network: shop, access_log: /var/log/traefik/access.log, public: true}`.
        """)
    public var traefik

    @Setting(
        "map.services",
        ValueForm<[Service]>.list(
            of: serviceForm, count: 1...256,
            example: ("name=shop network=back address=172.18.0.3", "name=nas network=home address=192.168.1.5")
        ).optional, default: nil,
        "Names of addresses that no proxy tells, each with the network in which it is shown.")
    public var services

    @Setting(
        "map.gateways",
        ValueForm<[String]>.list(of: addressForm, count: 1...64, example: ("192.168.1.1", "10.9.0.1")).optional,
        default: nil,
        """
        Addresses of routers in own networks, which have a shape of their own on the map. What DHCP servers give out as \
        routers is known without it.
        """)
    public var gateways

    @Setting(
        "map.port", ValueForm<Int>.port.optional, default: nil,
        "A further port on which `/` is the map alone, such as 82; without it the map is a page among the others.")
    public var port

    @Setting(
        "map.public_on_lan", .boolean, default: false,
        "Whether the map is shown without log-in to whoever is in `web.allowed_networks`, with all names and addresses."
    )
    public var isPublicOnLAN

    @Setting(
        "map.duration_stretch", .integer(in: 1...1_000), default: 20,
        "How many times longer than in life a flow or request travels on the map, so that an eye can follow.")
    public var durationStretch

    @Setting(
        "map.nodes_max", .integer(in: 50...2_000), default: 300,
        "Most nodes; those for which there is no room are one node `others` of their network.")
    public var nodesMax

    @Setting(
        "map.replay", .boolean, default: true,
        """
        Whether the last 15 minutes are recorded also while nobody looks. It costs the reading of each event; without \
        it the map begins empty, and what was before cannot be replayed.
        """)
    public var isRecorded

    public init() {}

    public func complete(_ reader: ConfigurationReader) {
        let names = Set(networks.map(\.name) + (traefik ?? []).map(\.network))
        if let stranger = (services ?? []).first(where: { !names.contains($0.network) }) {
            reader.report(
                "\($services.name): \(stranger.name) is in \(stranger.network), which neither \($networks.name) nor "
                    + "\($traefik.name) names", at: $services.origin)
        }
    }

    private static let networkForm = ValueForm<Network>(
        allowed: "`name=NAME cidr=NETWORK [sensor=NAME]`",
        text: { ItemParts.text(["name": $0.name, "cidr": $0.range.description, "sensor": $0.sensor]) },
        parse: { text in
            guard let parts = ItemParts(text, required: ["name", "cidr"], optional: ["sensor"]),
                let name = parts["name"].flatMap(ValueForm<String>.name.parse),
                let range = parts["cidr"].flatMap({ IPNetwork($0) })
            else { return nil }
            return Network(name: name, range: range, sensor: parts["sensor"])
        })

    private static let addressForm = ValueForm<String>(
        allowed: "an address as `192.168.1.1` or `fd00::1`", text: { $0 },
        parse: { IPAddress($0) == nil ? nil : $0 })

    private static let proxyForm = ValueForm<Proxy>(
        allowed: "`network=NAME access_log=PATH [api_url=URL] [public=true]`",
        text: { proxy in
            ItemParts.text([
                "network": proxy.network, "access_log": proxy.accessLog, "api_url": proxy.apiURL,
                "public": proxy.isPublic ? "true" : nil,
            ])
        },
        parse: { text in
            guard let parts = ItemParts(text, required: ["network", "access_log"], optional: ["api_url", "public"]),
                let network = parts["network"].flatMap(ValueForm<String>.name.parse), let log = parts["access_log"],
                let isPublic = Bool(parts["public"] ?? "false")
            else { return nil }
            let url = parts["api_url"].map { ValueForm<String>.httpURL.parse($0) }
            if case .some(nil) = url { return nil }
            return Proxy(network: network, accessLog: log, apiURL: url ?? nil, isPublic: isPublic)
        })

    private static let serviceForm = ValueForm<Service>(
        allowed: "`name=NAME network=NAME address=ADDRESS`",
        text: { ItemParts.text(["name": $0.name, "network": $0.network, "address": $0.addressText]) },
        parse: { text in
            guard let parts = ItemParts(text, required: ["name", "network", "address"], optional: []),
                let name = parts["name"].flatMap(ValueForm<String>.name.parse),
                let network = parts["network"].flatMap(ValueForm<String>.name.parse),
                let addressText = parts["address"], let address = IPAddress(addressText)
            else { return nil }
            return Service(name: name, network: network, address: address, addressText: addressText)
        })

    /// The section `map`.
    public static let section = ConfigurationSection("map", "The live map of control-plane.", of: Self.self)
}
