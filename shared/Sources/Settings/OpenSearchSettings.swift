// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import Logging

/// How OpenSearch is reached.
public struct OpenSearchSettings: SettingsSection {
    /// What the documents are put into.
    public enum Mode: String, Sendable, CaseIterable {
        /// An index for each day.
        case index
        /// A data stream, whose indexes OpenSearch names and ends.
        case datastream
    }

    /// Whether something is done that is right for a domain of the suite's own, and not for a store of somebody else's.
    public enum OwnDomainChoice: String, Sendable, CaseIterable {
        /// In a domain of the suite's own.
        case auto
        /// In every store.
        case on = "true"
        /// In none.
        case off = "false"
    }

    /// How requests are made those of somebody who may.
    public enum Auth: String, Sendable, CaseIterable {
        /// They are nobody's.
        case none
        /// User and password, where there is a user.
        case basic
        /// Signatures for AWS.
        case sigv4
    }

    @Setting(
        "opensearch.endpoint", endpointForm, default: "http://127.0.0.1:9200",
        "Where OpenSearch is; with `https` its certificate and name are verified.")
    public var endpoint

    @Setting(
        "opensearch.endpoint_file", .optionalPath, default: nil,
        """
        File that says where OpenSearch is, instead of `opensearch.endpoint`, as `aws-provisioner` writes it. While it is \
        not there, events wait; what it says later is followed without a restart.
        """)
    public var endpointFile

    @Setting(
        "opensearch.auth", .choice, default: Auth.basic,
        """
        How requests are made those of somebody who may: `basic` with `opensearch.username`, where one is set, `sigv4` \
        with signatures for Amazon OpenSearch Service, as the section `aws` says, `none` not at all. \
        With `opensearch.endpoint_file` the default is `sigv4`.
        """)
    public var auth

    @Setting(
        "opensearch.username", .optionalText, default: nil,
        "User for basic authentication; without it none is used.")
    public var username

    @Setting(
        "opensearch.password", .secret, default: Secret(), "Password for basic authentication.")
    public var password

    @Setting(
        "opensearch.ca_file", .optionalPath, default: nil,
        "PEM file with the certificates to trust instead of the system's.")
    public var caFile

    @Setting(
        "opensearch.proxy", ProxyURL.form, default: nil,
        """
        Forward proxy by which OpenSearch is reached. By default the environment says so as for curl: `https_proxy` or \
        `HTTPS_PROXY` for an endpoint with `https` or from a file, else `http_proxy`, then `all_proxy` or `ALL_PROXY`. `""` in the \
        file means none.
        """)
    public var proxy

    @Setting(
        "opensearch.no_proxy", .optionalText, default: nil,
        """
        Hosts and domains that are reached without the proxy, with commas between; `*` for all. By default those in \
        `no_proxy` or `NO_PROXY`.
        """)
    public var noProxy

    @Setting(
        "opensearch.index_prefix", indexPrefixForm, default: "suricata",
        "Indexes are named `PREFIX-YYYY.MM.DD` by the UTC day of the event, a data stream `PREFIX`.")
    public var indexPrefix

    @Setting(
        "opensearch.index_days_back", .integer(in: 0...36_500), default: 400,
        """
        How many days before the time of reading have an index of their own. Events of other days keep their time \
        and go into the one index `PREFIX-outside`.
        """)
    public var indexDaysBack

    @Setting(
        "opensearch.index_days_ahead", .integer(in: 0...366), default: 2,
        "The same for days after it, as the clock of a sensor may be ahead.")
    public var indexDaysAhead

    @Setting(
        "opensearch.requests_in_flight", .integer(in: 1...32), default: 3,
        "Bulk requests that run at the same time, each on its own kept-alive connection.")
    public var requestsInFlight

    @Setting(
        "opensearch.request_bytes_max", .bytes(in: (64 << 10)...(100 << 20)), default: 5 << 20,
        "Largest body of a bulk request before compression; a larger document goes alone.")
    public var requestBytesMax

    @Setting(
        "opensearch.gzip", .boolean, default: false,
        "Compresses requests: less network for more CPU, worth it over the internet.")
    public var usesGzip

    @Setting(
        "opensearch.connect_timeout_ms", .milliseconds(in: 100...60_000), default: 5_000,
        "Longest time for a connection to be made, with TLS.")
    public var connectTimeoutMilliseconds

    @Setting(
        "opensearch.request_timeout_ms", .milliseconds(in: 1_000...600_000), default: 60_000,
        "Longest time for a whole request with its answer; then it is sent again.")
    public var requestTimeoutMilliseconds

    @Setting(
        "opensearch.retry_after_max_ms", .milliseconds(in: 1_000...3_600_000), default: 300_000,
        "Longest wait that is granted when OpenSearch asks for one (`Retry-After`).")
    public var retryAfterMaxMilliseconds

    @Setting(
        "opensearch.mode", .choice, default: Mode.index,
        "`index` writes an index for each day, `datastream` the data stream `PREFIX`.")
    public var mode

    @Setting(
        "opensearch.setup", .boolean, default: true,
        """
        Puts the templates and the lifecycle policy `ids-suite-PREFIX` into OpenSearch before the first document, \
        where they are missing or older. With `false` somebody else has to, for example \
        `opensearch-shipper setup` with the rights for it.
        """)
    public var setsUp

    @Setting(
        "opensearch.shards", .integer(in: 1...64), default: 1, "Primary shards of an index, for new indexes.")
    public var shards

    @Setting(
        "opensearch.replicas", .integer(in: 0...16), default: 0,
        "Copies of each shard on other nodes, for new indexes and when an index gets warm; 0 for a single node.")
    public var replicas

    @Setting(
        "opensearch.warm_after_days", .integer(in: 0...3_650), default: 2,
        "Age at which the lifecycle policy merges an index into one segment, in days.")
    public var warmAfterDays

    @Setting(
        "opensearch.delete_after_days", .integer(in: 0...3_650), default: 90,
        "Age at which the lifecycle policy deletes an index, in days; 0 for never.")
    public var deleteAfterDays

    @Setting(
        "opensearch.classes", .choice, default: OwnDomainChoice.auto,
        """
        Whether alerts and Suricata's own counters have daily indexes of their own, `PREFIX-alerts-…` and \
        `PREFIX-stats-…`, and so an age of their own. `auto`: in a domain that aws-provisioner looks after.
        """)
    public var classes

    @Setting(
        "opensearch.alerts_delete_after_days", .integer(in: 0...3_650), default: 365,
        "With classes the same for the indexes of alerts.")
    public var alertsDeleteAfterDays

    @Setting(
        "opensearch.telemetry_delete_after_days", .integer(in: 0...3_650), default: 30,
        "With classes the same for the indexes of all other events.")
    public var telemetryDeleteAfterDays

    @Setting(
        "opensearch.stats_delete_after_days", .integer(in: 0...3_650), default: 7,
        "With classes the same for the indexes of Suricata's own counters.")
    public var statsDeleteAfterDays

    @Setting(
        "opensearch.storage_guard", .choice, default: OwnDomainChoice.auto,
        """
        Whether opensearch-shipper deletes the oldest daily indexes when the store's disk is nearly full, alerts last. \
        `auto`: in a domain that aws-provisioner looks after.
        """)
    public var storageGuard

    @Setting(
        "opensearch.storage_guard_percent", .integer(in: 10...85), default: 75,
        """
        How full the fullest disk of the store may be before that. Amazon OpenSearch Service takes nothing more at \
        80 %, other stores make no new index at 90 %.
        """)
    public var storageGuardPercent

    @Setting(
        "opensearch.storage_guard_interval_ms", .milliseconds(in: 1_000...600_000), default: 30_000,
        "Time between two looks at the store's disks.")
    public var storageGuardIntervalMilliseconds

    /// Who the requests are signed as.
    public var aws = AWSSettings()

    /// Whether the store is a domain that aws-provisioner looks after, which no key says: the file with its endpoint does.
    public var isManaged = false

    /// Whether events go into indexes by their class. A data stream is one for all.
    public var hasClasses: Bool { mode == .index && isChosen(classes) }

    /// Whether the shipper keeps the store's disk from filling up.
    public var guardsStorage: Bool { mode == .index && isChosen(storageGuard) }

    /// Whether OpenSearch is Amazon's, and so reached by HTTPS, wherever ``endpoint`` points.
    public var isAmazons = false

    private func isChosen(_ choice: OwnDomainChoice) -> Bool { choice == .on || choice == .auto && isManaged }

    public init() {}

    public mutating func complete(_ reader: ConfigurationReader) {
        aws.complete(reader)
        let hasTLS = endpoint.hasPrefix("https://") || endpointFile != nil || isAmazons
        if endpointFile != nil {
            if $endpoint.origin.isSet {
                reader.report(
                    "set either \($endpoint.name) or \($endpointFile.name), not both", at: $endpointFile.origin)
            }
            if !$auth.origin.isSet { _auth.derive(.sigv4, from: $endpointFile.origin, in: reader) }
        }
        // The variables of curl. It leaves out HTTP_PROXY, which a web server lets every client set for its scripts.
        let variables = hasTLS ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        _proxy.fill(from: variables + ["all_proxy", "ALL_PROXY"], in: reader)
        _noProxy.fill(from: ["no_proxy", "NO_PROXY"], in: reader)
        if deleteAfterDays > 0, deleteAfterDays <= warmAfterDays {
            reader.report(
                """
                \($deleteAfterDays.name) is \(deleteAfterDays): it must be more than \
                \($warmAfterDays.name), which is \(warmAfterDays), or 0 for never
                """, at: $deleteAfterDays.origin)
        }
        for choice in [$classes, $storageGuard] where mode == .datastream && choice.wrappedValue == .on {
            reader.report(
                "\(choice.name) is true, but \($mode.name) is datastream: a data stream has no indexes of days",
                at: choice.origin)
        }
        if (username != nil) == password.isEmpty {
            let (present, missing) =
                password.isEmpty
                ? ($username.name, $password.name)
                : ($password.name, $username.name)
            reader.report("\(present) is set without \(missing): basic authentication needs both")
        }
        if auth != .basic, let username {
            reader.report(
                """
                \($username.name) is "\(username)": with \($auth.name) \(auth.rawValue) nobody would be asked for it
                """, at: $username.origin)
        }
        if caFile != nil, !hasTLS {
            reader.report(
                "opensearch.ca_file is set, but opensearch.endpoint is not https: it would not be used",
                at: $endpoint.origin)
        }
    }

    /// The section `opensearch`.
    public static let section = ConfigurationSection(
        "opensearch", "The OpenSearch that the documents go to.", of: Self.self)

    private static let endpointForm = ValueForm<String>.httpURL.described(
        as: "one URL `http://HOST[:PORT][/PATH]` or `https://…`; user and password go into `opensearch.username` and "
            + "`opensearch.password`, or the file that OPENSEARCH_PASSWORD_FILE names")

    /// OpenSearch's own rule for names of indexes, without what would be special in a pattern, and without what ends as the
    /// names of classes do: the indexes of `suricata-alerts` would be taken for alerts of `suricata`.
    private static let indexPrefixForm = ValueForm<String>(
        allowed:
            "lower-case letters, digits, `-`, `_`, `.`, beginning with a letter, not ending in `-alerts` or `-stats`, at most 100 bytes",
        text: { $0 },
        parse: { text in
            guard let first = text.utf8.first, text.utf8.count <= 100 else { return nil }
            let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            let fits = text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || "-_.".utf8.contains($0) }
            let isOfClass = text.hasSuffix("-alerts") || text.hasSuffix("-stats")
            return letters.contains(first) && fits && !isOfClass ? text : nil
        })
}
