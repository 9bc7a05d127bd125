public import Configuration
public import Logging

/// How OpenSearch is reached.
public struct OpenSearchSettings: Sendable {
    /// What the documents are put into.
    public enum Mode: String, Sendable, CaseIterable {
        /// An index for each day.
        case index
        /// A data stream, whose indexes OpenSearch names and ends.
        case datastream
    }

    /// `http://host:port` or `https://…`
    public var endpoint = Keys.endpoint.fallback
    /// User for basic authentication; nil for none.
    public var username = Keys.username.fallback
    /// Password for basic authentication.
    public var password = Keys.password.fallback
    /// File with the certificates that are trusted instead of the system's; nil for the system's.
    public var caFile = Keys.caFile.fallback
    /// The forward proxy by which OpenSearch is reached; nil for none. User and password may stand in it.
    public var proxy = Keys.proxy.fallback
    /// Hosts that are reached without the proxy, with commas between.
    public var noProxy = Keys.noProxy.fallback
    /// The part of an index's name before the day.
    public var indexPrefix = Keys.indexPrefix.fallback
    /// How many days before the time of reading get an index of their own.
    public var indexDaysBack = Keys.indexDaysBack.fallback
    /// How many days after it do.
    public var indexDaysAhead = Keys.indexDaysAhead.fallback
    /// Bulk requests that run at the same time.
    public var requestsInFlight = Keys.requestsInFlight.fallback
    /// Largest body of a bulk request before compression.
    public var requestBytesMax = Keys.requestBytesMax.fallback
    /// Whether bodies are compressed.
    public var usesGzip = Keys.gzip.fallback
    /// Longest time for a connection to be made.
    public var connectTimeoutMilliseconds = Keys.connectTimeoutMilliseconds.fallback
    /// Longest time for a whole request.
    public var requestTimeoutMilliseconds = Keys.requestTimeoutMilliseconds.fallback
    /// Longest wait that the server may ask for.
    public var retryAfterMaxMilliseconds = Keys.retryAfterMaxMilliseconds.fallback
    /// What the documents are put into.
    public var mode = Keys.mode.fallback
    /// Whether templates and lifecycle policy are put into the store before the first document.
    public var setsUp = Keys.setup.fallback
    /// Primary shards of an index.
    public var shards = Keys.shards.fallback
    /// Copies of each shard beside the primary one.
    public var replicas = Keys.replicas.fallback
    /// Age at which an index is merged, in days.
    public var warmAfterDays = Keys.warmAfterDays.fallback
    /// Age at which an index is deleted, in days; 0 for never.
    public var deleteAfterDays = Keys.deleteAfterDays.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `opensearch`.
    public init(from reader: ConfigurationReader) {
        let endpoint = reader.setting(of: Keys.endpoint)
        self.endpoint = endpoint.value
        let username = reader.setting(of: Keys.username)
        self.username = username.value
        password = reader.value(of: Keys.password)
        caFile = reader.value(of: Keys.caFile)
        // The variables of curl. It leaves out HTTP_PROXY, which a web server lets every client set for its scripts.
        let variables = endpoint.value.hasPrefix("https://") ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        proxy = reader.value(of: Keys.proxy, orFrom: variables + ["all_proxy", "ALL_PROXY"])
        noProxy = reader.value(of: Keys.noProxy, orFrom: ["no_proxy", "NO_PROXY"])
        indexPrefix = reader.value(of: Keys.indexPrefix)
        indexDaysBack = reader.value(of: Keys.indexDaysBack)
        indexDaysAhead = reader.value(of: Keys.indexDaysAhead)
        requestsInFlight = reader.value(of: Keys.requestsInFlight)
        requestBytesMax = reader.value(of: Keys.requestBytesMax)
        usesGzip = reader.value(of: Keys.gzip)
        connectTimeoutMilliseconds = reader.value(of: Keys.connectTimeoutMilliseconds)
        requestTimeoutMilliseconds = reader.value(of: Keys.requestTimeoutMilliseconds)
        retryAfterMaxMilliseconds = reader.value(of: Keys.retryAfterMaxMilliseconds)
        mode = reader.value(of: Keys.mode)
        setsUp = reader.value(of: Keys.setup)
        shards = reader.value(of: Keys.shards)
        replicas = reader.value(of: Keys.replicas)
        warmAfterDays = reader.value(of: Keys.warmAfterDays)
        let deleteAfterDays = reader.setting(of: Keys.deleteAfterDays)
        self.deleteAfterDays = deleteAfterDays.value
        if self.deleteAfterDays > 0, self.deleteAfterDays <= warmAfterDays {
            reader.report(
                """
                \(Keys.deleteAfterDays.name) is \(self.deleteAfterDays): it must be more than \
                \(Keys.warmAfterDays.name), which is \(warmAfterDays), or 0 for never
                """, at: deleteAfterDays.origin)
        }
        if (self.username != nil) == password.isEmpty {
            let (present, missing) =
                password.isEmpty
                ? (Keys.username.name, Keys.password.name)
                : (Keys.password.name, Keys.username.name)
            reader.report("\(present) is set without \(missing): basic authentication needs both")
        }
        if caFile != nil && !self.endpoint.hasPrefix("https://") {
            reader.report(
                "opensearch.ca_file is set, but opensearch.endpoint is not https: it would not be used",
                at: endpoint.origin)
        }
    }

    /// The keys of the section `opensearch`.
    public enum Keys {
        /// `opensearch.endpoint`
        public static let endpoint = ConfigurationKey(
            "opensearch.endpoint", endpointForm, default: "http://127.0.0.1:9200",
            "Where OpenSearch is; with `https` its certificate and name are verified.")
        /// `opensearch.username`
        public static let username = ConfigurationKey(
            "opensearch.username", .optionalText, default: nil,
            "User for basic authentication; without it none is used.")
        /// `opensearch.password`
        public static let password = ConfigurationKey(
            "opensearch.password", .secret, default: Secret(), "Password for basic authentication.")
        /// `opensearch.ca_file`
        public static let caFile = ConfigurationKey(
            "opensearch.ca_file", .optionalPath, default: nil,
            "PEM file with the certificates to trust instead of the system's.")
        /// `opensearch.proxy`
        public static let proxy = ConfigurationKey(
            "opensearch.proxy", ProxyURL.form, default: nil,
            """
            Forward proxy by which OpenSearch is reached. By default the environment says so as for curl: `https_proxy` or \
            `HTTPS_PROXY` for an endpoint with `https`, else `http_proxy`, then `all_proxy` or `ALL_PROXY`. `""` in the \
            file means none.
            """)
        /// `opensearch.no_proxy`
        public static let noProxy = ConfigurationKey(
            "opensearch.no_proxy", .optionalText, default: nil,
            """
            Hosts and domains that are reached without the proxy, with commas between; `*` for all. By default those in \
            `no_proxy` or `NO_PROXY`.
            """)
        /// `opensearch.index_prefix`
        public static let indexPrefix = ConfigurationKey(
            "opensearch.index_prefix", indexPrefixForm, default: "suricata",
            "Indexes are named `PREFIX-YYYY.MM.DD` by the UTC day of the event, a data stream `PREFIX`.")
        /// `opensearch.index_days_back`
        public static let indexDaysBack = ConfigurationKey(
            "opensearch.index_days_back", .integer(in: 0...36_500), default: 400,
            """
            How many days before the time of reading have an index of their own. Events of other days keep their time \
            and go into the one index `PREFIX-outside`.
            """)
        /// `opensearch.index_days_ahead`
        public static let indexDaysAhead = ConfigurationKey(
            "opensearch.index_days_ahead", .integer(in: 0...366), default: 2,
            "The same for days after it, as the clock of a sensor may be ahead.")
        /// `opensearch.requests_in_flight`
        public static let requestsInFlight = ConfigurationKey(
            "opensearch.requests_in_flight", .integer(in: 1...32), default: 3,
            "Bulk requests that run at the same time, each on its own kept-alive connection.")
        /// `opensearch.request_bytes_max`
        public static let requestBytesMax = ConfigurationKey(
            "opensearch.request_bytes_max", .bytes(in: (64 << 10)...(100 << 20)), default: 5 << 20,
            "Largest body of a bulk request before compression; a larger document goes alone.")
        /// `opensearch.gzip`
        public static let gzip = ConfigurationKey(
            "opensearch.gzip", .boolean, default: false,
            "Compresses requests: less network for more CPU, worth it over the internet.")
        /// `opensearch.connect_timeout_ms`
        public static let connectTimeoutMilliseconds = ConfigurationKey(
            "opensearch.connect_timeout_ms", .milliseconds(in: 100...60_000), default: 5_000,
            "Longest time for a connection to be made, with TLS.")
        /// `opensearch.request_timeout_ms`
        public static let requestTimeoutMilliseconds = ConfigurationKey(
            "opensearch.request_timeout_ms", .milliseconds(in: 1_000...600_000), default: 60_000,
            "Longest time for a whole request with its answer; then it is sent again.")
        /// `opensearch.retry_after_max_ms`
        public static let retryAfterMaxMilliseconds = ConfigurationKey(
            "opensearch.retry_after_max_ms", .milliseconds(in: 1_000...3_600_000), default: 300_000,
            "Longest wait that is granted when OpenSearch asks for one (`Retry-After`).")
        /// `opensearch.mode`
        public static let mode = ConfigurationKey(
            "opensearch.mode", .choice, default: Mode.index,
            "`index` writes an index for each day, `datastream` the data stream `PREFIX`.")
        /// `opensearch.setup`
        public static let setup = ConfigurationKey(
            "opensearch.setup", .boolean, default: true,
            """
            Puts the templates and the lifecycle policy `ids-suite-PREFIX` into OpenSearch before the first document, \
            where they are missing or older. With `false` somebody else has to, for example \
            `opensearch-shipper setup` with the rights for it.
            """)
        /// `opensearch.shards`
        public static let shards = ConfigurationKey(
            "opensearch.shards", .integer(in: 1...64), default: 1, "Primary shards of an index, for new indexes.")
        /// `opensearch.replicas`
        public static let replicas = ConfigurationKey(
            "opensearch.replicas", .integer(in: 0...16), default: 0,
            "Copies of each shard on other nodes, for new indexes and when an index gets warm; 0 for a single node.")
        /// `opensearch.warm_after_days`
        public static let warmAfterDays = ConfigurationKey(
            "opensearch.warm_after_days", .integer(in: 0...3_650), default: 2,
            "Age at which the lifecycle policy merges an index into one segment, in days.")
        /// `opensearch.delete_after_days`
        public static let deleteAfterDays = ConfigurationKey(
            "opensearch.delete_after_days", .integer(in: 0...3_650), default: 90,
            "Age at which the lifecycle policy deletes an index, in days; 0 for never.")
    }

    /// The section `opensearch`.
    public static let section = ConfigurationSection(
        "opensearch", "The OpenSearch that the documents go to.",
        keys: [
            Keys.endpoint.definition, Keys.username.definition, Keys.password.definition, Keys.caFile.definition,
            Keys.proxy.definition, Keys.noProxy.definition, Keys.indexPrefix.definition,
            Keys.indexDaysBack.definition, Keys.indexDaysAhead.definition, Keys.requestsInFlight.definition,
            Keys.requestBytesMax.definition, Keys.gzip.definition, Keys.connectTimeoutMilliseconds.definition,
            Keys.requestTimeoutMilliseconds.definition, Keys.retryAfterMaxMilliseconds.definition,
            Keys.mode.definition, Keys.setup.definition, Keys.shards.definition, Keys.replicas.definition,
            Keys.warmAfterDays.definition, Keys.deleteAfterDays.definition,
        ])

    private static let endpointForm = ValueForm<String>.httpURL.described(
        as: "one URL `http://HOST[:PORT][/PATH]` or `https://…`; user and password go into `opensearch.username` and "
            + "`opensearch.password`, or the file that OPENSEARCH_PASSWORD_FILE names")

    /// OpenSearch's own rule for names of indexes, without what would be special in a pattern.
    private static let indexPrefixForm = ValueForm<String>(
        allowed: "lower-case letters, digits, `-`, `_`, `.`, beginning with a letter, at most 100 bytes", text: { $0 },
        parse: { text in
            guard let first = text.utf8.first, text.utf8.count <= 100 else { return nil }
            let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            let fits = text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || "-_.".utf8.contains($0) }
            return letters.contains(first) && fits ? text : nil
        })
}
