import Configuration
import Logging
import Settings
import Testing

/// Reads settings from texts, as a process does from its surroundings.
private func reader(
    file: String = "", environment: [String: String] = [:], set: [(String, String)] = []
) -> ConfigurationReader {
    let sources = ConfigurationSources(
        assignments: set.map { .init($0.0, $0.1, option: "--set") }, environment: { environment[$0] },
        file: ConfigurationFile(path: "c.yaml", bytes: Array(file.utf8)))
    return ConfigurationReader(sources, sections: SettingsCatalog.sections)
}

@Suite struct SettingsCatalogTests {
    private let keys = SettingsCatalog.sections.flatMap(\.keys)

    @Test func namesAndVariablesAreUnique() {
        let names = keys.map(\.name) + keys.compactMap(\.fileName)
        #expect(Set(names).count == names.count)
        let variables = keys.map(\.environment)
        let fileVariables = variables.map { $0 + "_FILE" }
        #expect(Set(variables).count == variables.count)
        #expect(Set(variables).intersection(fileVariables) == ["OPENSEARCH_ENDPOINT_FILE"])
        let options = keys.compactMap { $0.option?.name }
        #expect(Set(options).count == options.count)
    }

    @Test func namesAreWellFormed() {
        for key in keys {
            #expect(
                key.name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "._".utf8.contains($0) }
            )
            #expect(key.environment == key.environment.uppercased())
            #expect(key.summary.hasSuffix("."))
            // It would end a cell of the documentation's table.
            #expect(!(key.summary + key.allowed).contains("|"))
        }
    }

    /// Every key that is read is declared, and the other way round.
    @Test func sectionsAndReadersAgree() {
        let reader = reader()
        SettingsCatalog.readAll(from: reader)
        #expect(Set(reader.effective.map(\.name)) == Set(keys.map(\.name)))
    }

    @Test func defaultsAreThoseOfThePlainInitializers() {
        let reader = reader()
        func same<Section>(_ read: Section, _ plain: Section) -> Bool {
            String(reflecting: read) == String(reflecting: plain)
        }
        #expect(same(HostSettings(from: reader), HostSettings()))
        #expect(same(SensorSettings(from: reader), SensorSettings()))
        #expect(same(RedisSettings(from: reader), RedisSettings()))
        #expect(same(ReaderSettings(from: reader), ReaderSettings()))
        #expect(same(TransformerSettings(from: reader), TransformerSettings()))
        #expect(same(ShipperSettings(from: reader), ShipperSettings()))
        #expect(same(OpenSearchSettings(from: reader), OpenSearchSettings()))
        #expect(same(AWSDomainSettings(from: reader), AWSDomainSettings()))
        #expect(same(SQLiteSettings(from: reader), SQLiteSettings()))
        #expect(same(MetricsExporterSettings(from: reader), MetricsExporterSettings()))
        #expect(reader.problems.isEmpty)
    }

    @Test func theCustomaryVariablesAreUnderstood() {
        let reader = reader(environment: [
            "LOG_LEVEL": "debug", "LOG_FORMAT": "json", "HTTP_BIND": "0.0.0.0", "SENSOR_NAME": "pi-1",
            "EVE_PATH": "/x/eve.json", "REDIS_HOST": "r", "REDIS_PORT": "7000", "REDIS_PASSWORD": "p",
            "REDIS_PREFIX": "t:",
            "OPENSEARCH_ENDPOINT": "https://o:9200", "STORE_PATH": "/x/s.db", "OPENSEARCH_SHIPPER_SINK": "sqlite",
        ])
        let host = HostSettings(from: reader)
        #expect((host.logLevel, host.logFormat, host.httpBind) == (.debug, .json, "0.0.0.0"))
        #expect(SensorSettings(from: reader).name == "pi-1")
        #expect(ReaderSettings(from: reader).path == "/x/eve.json")
        let redis = RedisSettings(from: reader)
        #expect((redis.host, redis.port, redis.password.reveal(), redis.prefix) == ("r", 7000, "p", "t:"))
        #expect(OpenSearchSettings(from: reader).endpoint == "https://o:9200")
        #expect(SQLiteSettings(from: reader).path == "/x/s.db")
        #expect(ShipperSettings(from: reader).sink == .sqlite)
        #expect(reader.problems.isEmpty)
    }
}

@Suite struct SettingsSectionTests {
    @Test func aSectionReadsItsOwnKeysAndTheOnesOfOthersThatItNames() {
        let reader = reader(set: [("eve_reader.stream_bytes_max", "2MiB")])
        let exporter = MetricsExporterSettings(from: reader)
        #expect(exporter.rawStreamBytesMax == 2 << 20)
        #expect(exporter.$rawStreamBytesMax.origin == .flag("--set"))
        let names = MetricsExporterSettings.section.keys.map(\.name)
        #expect(!names.contains("eve_reader.stream_bytes_max"))
        #expect(
            reader.effective.map(\.name)
                == names + ["eve_reader.stream_bytes_max", "ecs_transformer.stream_bytes_max"])
    }

    @Test func aSectionThatNobodyReadsHasItsDefaults() {
        _ = ReaderSettings(from: reader(set: [("eve_reader.batch_events", "7")]))
        var settings = ReaderSettings()
        #expect((settings.batchEvents, settings.$batchEvents.origin) == (2_000, .fallback))
        settings.batchEvents = 8
        #expect((settings.batchEvents, settings.$batchEvents.name) == (8, "eve_reader.batch_events"))
    }
}

@Suite struct RedisSettingsTests {
    private func settings(_ reader: ConfigurationReader) -> (RedisSettings, [String]) {
        let settings = RedisSettings(from: reader)
        return (settings, reader.problems.map(\.description))
    }

    @Test func aURLSaysEverything() {
        let url = "rediss://us%65r:p%40ss%2Fw%3Ard@redis.example:6380/3"
        let (redis, problems) = settings(reader(environment: ["REDIS_URL": url]))
        #expect(problems == [])
        #expect(redis.host == "redis.example")
        #expect(redis.port == 6380)
        #expect(redis.username == "user")
        #expect(redis.password.reveal() == "p@ss/w:rd")
        #expect(redis.database == 3)
        #expect(redis.usesTLS)
    }

    @Test func whatAURLLeavesOutHasTheDefault() {
        let (redis, problems) = settings(reader(environment: ["REDIS_URL": "redis://r"]))
        #expect(problems == [])
        #expect((redis.host, redis.port, redis.database, redis.usesTLS) == ("r", 6379, 0, false))
        #expect(redis.username == nil)
        #expect(redis.password.isEmpty)
        let (secret, _) = settings(reader(environment: ["REDIS_URL": "redis://:only@[::1]:7000"]))
        #expect((secret.host, secret.port, secret.username, secret.password.reveal()) == ("::1", 7000, nil, "only"))
    }

    @Test func credentialsMayComeFromElsewhere() {
        let (redis, problems) = settings(
            reader(file: "redis: {username: u}", environment: ["REDIS_URL": "redis://r", "REDIS_PASSWORD": "p"]))
        #expect(problems == [])
        #expect((redis.username, redis.password.reveal()) == ("u", "p"))
    }

    @Test func nothingWeakerOverridesAURL() {
        let file = "redis: {host: weaker, port: 1, database: 5, tls: true}"
        let (redis, problems) = settings(reader(file: file, environment: ["REDIS_URL": "redis://r"]))
        #expect(problems == [])
        #expect((redis.host, redis.port, redis.database, redis.usesTLS) == ("r", 6379, 0, false))
    }

    @Test func aStrongerKeyOverridesItsPartOfAURL() {
        let reader = reader(file: "redis: {url: 'redis://r:7000/2'}", environment: ["REDIS_HOST": "stronger"])
        let (redis, problems) = settings(reader)
        #expect(problems == [])
        #expect((redis.host, redis.port, redis.database) == ("stronger", 7000, 2))
        #expect(reader.effective.first { $0.name == "redis.host" }?.origin == .environment("REDIS_HOST"))
        #expect(reader.effective.first { $0.name == "redis.port" }?.origin == .file(path: "c.yaml", line: 1))
    }

    @Test func equalSourcesMayNotContradict() {
        let environment = [
            "REDIS_URL": "redis://:a@r:7000", "REDIS_HOST": "other", "REDIS_PORT": "7000", "REDIS_PASSWORD": "b",
        ]
        let (_, problems) = settings(reader(environment: environment))
        #expect(
            problems == [
                "environment REDIS_HOST: redis.host contradicts redis.url (environment REDIS_URL): set only one of them",
                "environment REDIS_PASSWORD: redis.password contradicts redis.url (environment REDIS_URL): "
                    + "set only one of them",
            ])
    }

    @Test(
        arguments: [
            "", "r:6379", "http://r", "redis://", "redis://:6379", "redis://r:0", "redis://r:x", "redis://r/x",
            "redis://r/-1", "redis://user@r", "redis://u:p%zz@r", "redis://u:%4@r", "redis://a b", "redis://[::1",
            "redis://r?x=1",
        ])
    func wrongURLsAreRefusedWithoutShowingThem(url: String) {
        let reader = reader(set: [("redis.url", url)])
        let (_, problems) = settings(reader)
        #expect(
            problems == [
                "--set: redis.url: the value is not allowed; "
                    + "it takes `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]` or `rediss://…`"
            ])
    }

    @Test func noPasswordIsShown() {
        let reader = reader(environment: ["REDIS_URL": "redis://u:hunter2@r"])
        let (redis, _) = settings(reader)
        #expect(!reader.effective.contains { $0.text.contains("hunter2") })
        #expect(!String(reflecting: redis).contains("hunter2"))
        #expect(reader.effective.first { $0.name == "redis.password" }?.text == "********")
    }

    @Test func certificatesNeedEncryption() {
        let (_, problems) = settings(reader(set: [("redis.ca_file", "/ca.pem")]))
        #expect(problems == ["redis.ca_file is set, but redis.tls is false: the connection would not be encrypted"])
        #expect(settings(reader(set: [("redis.ca_file", "/ca.pem"), ("redis.url", "rediss://r")])).1 == [])
    }
}

@Suite struct ShipperSettingsTests {
    private func read(_ set: (String, String)...) -> (ShipperSettings, shown: String?, notes: [String]) {
        let reader = reader(set: set.map { ("opensearch_shipper." + $0.0, $0.1) })
        let settings = ShipperSettings(from: reader)
        #expect(reader.problems.isEmpty)
        let shown = reader.effective.first { $0.name == "opensearch_shipper.required_groups" }?.text
        return (settings, shown, reader.notes.map(\.message))
    }

    @Test func byDefaultTheOwnGroupIsRequired() {
        for (sink, own, other) in [("opensearch", "opensearch", "local"), ("sqlite", "local", "opensearch")] {
            let (settings, shown, notes) = read(("sink", sink))
            #expect(settings.requiredGroups == [own] && shown == own && notes.isEmpty)
            #expect(settings.groupsRequiredIfPresent == [other])
        }
    }

    @Test(arguments: ["local,opensearch,local", "[local, opensearch]", "['local',\"opensearch\"]"])
    func requiredGroupsAreWhatSomebodySays(text: String) {
        let (settings, shown, notes) = read(("required_groups", text))
        #expect(settings.requiredGroups == ["local", "opensearch"] && shown == "local,opensearch")
        #expect(settings.groupsRequiredIfPresent.isEmpty)
        #expect(notes.count == 1 && notes[0].contains("before a shipper with `--sink sqlite` has read it"))
    }

    @Test func groupsThatMaySurpriseAreNoted() {
        let (_, _, notes) = read(("sink", "sqlite"), ("required_groups", "opensaerch"))
        #expect(notes.count == 2)
        #expect(notes[0].contains("names opensaerch") && notes[0].contains("before another program has read it"))
        #expect(notes[1].contains("does not name local"))
    }
}

@Suite struct OpenSearchSettingsTests {
    @Test(arguments: ["suricata", "ids-2.x_y"]) func indexNamesAreAllowed(prefix: String) {
        #expect(problems([("opensearch.index_prefix", prefix)]).isEmpty)
    }

    @Test(arguments: [
        "Suricata", "-a", "_a", "a*", "a/b", "a b", "é", "", "1a", "suricata-alerts", "suricata-stats",
    ]) func indexNamesAreRefused(
        prefix: String
    ) {
        #expect(problems([("opensearch.index_prefix", prefix)]).count == 1)
    }

    @Test func credentialsComeInPairs() {
        #expect(
            problems([("opensearch.username", "u")]) == [
                "opensearch.username is set without opensearch.password: basic authentication needs both"
            ])
        #expect(
            problems([], environment: ["OPENSEARCH_PASSWORD": "p"]) == [
                "opensearch.password is set without opensearch.username: basic authentication needs both"
            ])
        #expect(problems([("opensearch.username", "u")], environment: ["OPENSEARCH_PASSWORD": "p"]).isEmpty)
    }

    @Test func anEndpointFileStandsForTheEndpointAndForSignedRequests() {
        let reader = reader(environment: [
            "OPENSEARCH_ENDPOINT_FILE": "/run/endpoint.json", "https_proxy": "proxy:3128",
        ])
        let settings = OpenSearchSettings(from: reader)
        #expect(reader.problems.isEmpty)
        #expect(settings.endpointFile == "/run/endpoint.json" && settings.auth == .sigv4)
        #expect(settings.proxy?.reveal() == "proxy:3128")
        #expect(problems([("opensearch.endpoint_file", "e"), ("opensearch.ca_file", "/ca.pem")]).isEmpty)
        #expect(
            problems([("opensearch.endpoint_file", "e"), ("opensearch.endpoint", "https://search")]) == [
                "--set: set either opensearch.endpoint or opensearch.endpoint_file, not both"
            ])
    }

    @Test(arguments: ["none", "sigv4"]) func nobodyIsAskedForAUserWhoWouldNotBeSent(auth: String) {
        let keys = [("opensearch.auth", auth), ("opensearch.username", "u")]
        #expect(
            problems(keys, environment: ["OPENSEARCH_PASSWORD": "p"]) == [
                "--set: opensearch.username is \"u\": with opensearch.auth \(auth) nobody would be asked for it"
            ])
        #expect(
            problems([("opensearch.auth", auth), ("aws.profile", "moi33"), ("aws.region", "eu-central-1")]).isEmpty)
    }

    @Test(arguments: [("2", "2"), ("2", "1"), ("0", "1"), ("2", "0"), ("0", "0"), ("30", "90")])
    func anIndexIsWarmBeforeItIsDeleted(warm: String, delete: String) {
        let found = problems([("opensearch.warm_after_days", warm), ("opensearch.delete_after_days", delete)])
        let isMistake = warm == "2" && delete != "0"
        #expect(
            found
                == (isMistake
                    ? [
                        "--set: opensearch.delete_after_days is \(delete): it must be more than "
                            + "opensearch.warm_after_days, which is 2, or 0 for never"
                    ] : []))
    }

    @Test("A data stream has neither classes nor a guard, and says so where they are asked for")
    func aDataStreamHasNoDays() {
        for key in ["opensearch.classes", "opensearch.storage_guard"] {
            let said = "--set: \(key) is true, but opensearch.mode is datastream: a data stream has no indexes of days"
            #expect(problems([("opensearch.mode", "datastream"), (key, "true")]) == [said])
            #expect(problems([("opensearch.mode", "datastream"), (key, "auto")]).isEmpty)
        }
        var settings = OpenSearchSettings()
        #expect(!settings.hasClasses && !settings.guardsStorage)
        settings.isManaged = true
        #expect(settings.hasClasses && settings.guardsStorage)
        settings.mode = .datastream
        #expect(!settings.hasClasses && !settings.guardsStorage)
        (settings.mode, settings.classes, settings.storageGuard) = (.index, .off, .off)
        #expect(!settings.hasClasses && !settings.guardsStorage)
    }

    @Test(arguments: [
        "https://p:3128", "p", "p:3128/", "http://user:a@b:c@p:3128", "socks5h://[::1]:1080", "HTTP://p",
    ])
    func proxiesAreAllowed(text: String) {
        #expect(problems([], environment: ["OPENSEARCH_PROXY": text]).isEmpty)
    }

    @Test(arguments: ["p:0", "p:99999", "ftp://p", "http://", "http://u:hunter2@", "http://u:hunter2@p/path", "a,b"])
    func wrongProxiesAreRefusedWithoutShowingThem(text: String) {
        let found = problems([], environment: ["OPENSEARCH_PROXY": text])
        #expect(found.count == 1 && !found.joined().contains("hunter2"))
    }

    @Test func theProxyIsThatOfTheEnvironmentAsForCurl() {
        let all = [
            "https_proxy": "a", "HTTPS_PROXY": "b", "http_proxy": "c", "HTTP_PROXY": "d", "all_proxy": "e",
            "ALL_PROXY": "f",
            "NO_PROXY": "h",
        ]
        func proxy(_ endpoint: String, without names: String...) -> String? {
            let environment = all.filter { !names.contains($0.key) }
            let settings = OpenSearchSettings(
                from: reader(environment: environment, set: [("opensearch.endpoint", endpoint)]))
            #expect(settings.noProxy == "h")
            return settings.proxy?.reveal()
        }
        #expect(proxy("https://s") == "a")
        #expect(proxy("https://s", without: "https_proxy") == "b")
        #expect(proxy("https://s", without: "https_proxy", "HTTPS_PROXY") == "e")
        #expect(proxy("http://s") == "c")
        #expect(proxy("http://s", without: "http_proxy", "all_proxy") == "f")
        let amazons = OpenSearchSettings(from: reader(environment: all)) { $0.isAmazons = true }
        #expect(amazons.proxy?.reveal() == "a")
        let none = reader(file: "opensearch: {endpoint: https://s, proxy: ''}", environment: ["HTTPS_PROXY": "b"])
        #expect(OpenSearchSettings(from: none).proxy == nil)
    }

    @Test func passwordsAreWithheldAndRefusedAsOptions() {
        let found = problems([
            ("opensearch.proxy", "http://u:hunter2@p"), ("opensearch.endpoint", "https://u:hunter2@h"),
            ("redis.url", "redis://:hunter2@r"),
        ])
        #expect(found.count == 3 && !found.joined().contains("hunter2"))
        #expect(found.filter { $0.contains("OPENSEARCH_PASSWORD_FILE") }.count == 1)
        #expect(found.filter { $0.contains("on a command line; use") }.count == 2)
        let reader = reader(
            environment: ["HTTPS_PROXY": "http://u:hunter2@p:1"], set: [("opensearch.endpoint", "https://h")])
        _ = OpenSearchSettings(from: reader)
        #expect(reader.effective.first { $0.name == "opensearch.proxy" }?.text == "http://********@p:1")
    }

    @Test func pausesRise() {
        #expect(
            problems([("opensearch_shipper.backoff_min_ms", "5000"), ("opensearch_shipper.backoff_max_ms", "100")]) == [
                "--set: opensearch_shipper.backoff_min_ms is 5000, more than "
                    + "opensearch_shipper.backoff_max_ms, which is 100"
            ])
    }

    private func problems(_ set: [(String, String)], environment: [String: String] = [:]) -> [String] {
        let reader = reader(environment: environment, set: set)
        SettingsCatalog.readAll(from: reader)
        return reader.problems.map(\.description)
    }
}

@Suite struct AWSDomainSettingsTests {
    private func settings(_ set: (String, String)...) -> (AWSDomainSettings, [String]) {
        let reader = reader(set: set)
        return (AWSDomainSettings(from: reader), reader.problems.map(\.description))
    }

    @Test func aVersionIsTakenWithAndWithoutAWSPrefix() {
        #expect(settings(("aws.engine_version", "2.19")).0.engineVersion == "OpenSearch_2.19")
        #expect(settings(("aws.engine_version", "OpenSearch_2.19")).0.engineVersion == "OpenSearch_2.19")
        #expect(settings(("aws.engine_version", "2.19.1")).1.count == 1)
    }

    @Test func tagsOfOursAndOfAWSAreNotTaken() {
        let (domain, problems) = settings(("aws.tags", "team=network,url=https://a/b?c=d"))
        #expect(problems.count == 1, "a question mark is none of AWS' characters")
        #expect(domain.tags == nil)
        #expect(settings(("aws.tags", "team=network,a=b=c")).0.tags == [AWSTag("team", "network"), AWSTag("a", "b=c")])
        for tag in ["aws:x=1", "ids-suite:managed-by=me", "=x", "x"] {
            #expect(settings(("aws.tags", tag)).1.count == 1, "\(tag)")
        }
    }

    @Test(arguments: [
        ("aws.domain_name", "Ids"), ("aws.domain_name", "ab"), ("aws.domain_name", "1ds"),
        ("aws.domain_name", "abcdefghijklmnopqrstuvwxyz-ab"), ("aws.instance_type", "t3.small"),
        ("aws.instance_type", "t3.small.elasticsearch"),
        ("aws.master_role_arn", "arn:aws:sts::123456789012:assumed-role/r/s"),
        ("aws.master_role_arn", "arn:aws:iam::123456789012:root"), ("aws.volume_gib", "9"),
    ])
    func whatAWSWouldRefuseIsRefusedAtOnce(key: String, value: String) {
        #expect(settings((key, value)).1.count == 1)
    }
}

@Suite struct MapSettingsTests {
    private func settings(_ reader: ConfigurationReader) -> (MapSettings, [String]) {
        (MapSettings(from: reader), reader.problems.map(\.description))
    }

    @Test func networksProxiesAndServicesAreListsOfItemsWithParts() {
        let (map, problems) = settings(
            reader(
                file: """
                    map:
                      networks:
                        - {name: home, cidr: 192.168.7.0/24, sensor: attic}
                        - name: home
                          cidr: fd00:7::/64
                      traefik:
                        - {network: back, access_log: /var/log/back.log, api_url: "http://127.0.0.1:8080", public: true}
                      services: [{name: nas, network: home, address: 192.168.7.5}]
                    """))
        #expect(problems == [])
        #expect(map.networks.map(\.name) == ["home", "home"])
        #expect(map.networks.map(\.range.description) == ["192.168.7.0/24", "fd00:7::/64"])
        #expect(map.networks.map(\.sensor) == ["attic", nil])
        let proxy = map.traefik?.first
        #expect(proxy?.network == "back" && proxy?.accessLog == "/var/log/back.log" && proxy?.isPublic == true)
        #expect(proxy?.apiURL == "http://127.0.0.1:8080")
        #expect(map.services?.map(\.name) == ["nas"])
    }

    @Test func aVariableHoldsTheSameInOneLine() {
        let (map, problems) = settings(
            reader(environment: ["MAP_NETWORKS": "name=home cidr=10.0.0.0/8,name=lab cidr=10.9.0.0/16 sensor=attic"]))
        #expect(problems == [] && map.networks.map(\.name) == ["home", "lab"])
    }

    @Test(arguments: [
        ("map.networks", "name=home"), ("map.networks", "name=home cidr=10.0.0.0/99"),
        ("map.networks", "name=home cidr=10.0.0.0/8 colour=red"), ("map.networks", "cidr=10.0.0.0/8 cidr=10.0.0.0/8"),
        ("map.traefik", "network=back"), ("map.traefik", "network=back access_log=/x public=maybe"),
        ("map.traefik", "network=back access_log=/x api_url=ftp://x"),
        ("map.services", "name=nas network=home address=nas"),
        ("map.services", "name=nas network=elsewhere address=10.0.0.1"),
    ])
    func whatIsNoItemIsRefused(key: String, value: String) {
        #expect(settings(reader(set: [(key, value)])).1.count == 1)
    }
}
