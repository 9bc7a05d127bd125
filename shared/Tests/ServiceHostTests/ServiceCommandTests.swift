import Configuration
import Settings
import Testing

@testable import ServiceHost

/// Settings of a service with options of its own.
private struct StoreSettings: ServiceSettings {
    let host: HostSettings
    let redis: RedisSettings
    let shipper: ShipperSettings
    let sqlite: SQLiteSettings

    var httpPort: Setting<Int> { shipper.$httpPort }

    init(from reader: ConfigurationReader) {
        shipper = ShipperSettings(from: reader)
        host = HostSettings(from: reader)
        redis = RedisSettings(from: reader)
        sqlite = SQLiteSettings(from: reader)
    }
}

@Suite struct ServiceCommandTests {
    private func outcome(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) -> ServiceCommand.Outcome<StoreSettings> {
        let command = ServiceCommand(
            "shipper", version: "1.2.3", summary: "stores documents", examples: ["--sink sqlite"],
            subcommands: [
                Subcommand("map", arguments: "[--bulk] [FILE…]", summary: "maps lines", details: "  --bulk  as bulk") {
                    Int32($0.count + 40)
                },
                Subcommand(
                    "plan", arguments: "[--dry-run] [NAME] [OPTIONS]", flags: ["--dry-run"], operandsMax: 1,
                    summary: "says what it would do"
                ) { (run: SubcommandRun<StoreSettings>) in
                    let isWhole = run.operands == ["all"] && run.flags == ["--dry-run"] && run.version == "1.2.3"
                    return run.settings.shipper.sink == .sqlite && isWhole ? 50 : 51
                },
            ], arguments: arguments, environment: { environment[$0] })
        return command.outcome(StoreSettings.self)
    }

    private func ended(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) -> (status: Int32, output: String, errors: String)? {
        guard case .end(let end) = outcome(arguments, environment) else { return nil }
        return (end.status, end.output, end.errors)
    }

    @Test(arguments: [
        [], ["run"], ["run", "--sink", "sqlite"], ["--sink=sqlite"], ["--set", "opensearch_shipper.sink=sqlite"],
    ])
    func runsByDefault(arguments: [String]) {
        guard case .run(let settings, _) = outcome(arguments) else {
            Issue.record("does not run: \(arguments)")
            return
        }
        #expect(
            settings.shipper.sink == (arguments.count < 2 && arguments.first != "--sink=sqlite" ? .opensearch : .sqlite)
        )
    }

    @Test func shortCutsWinOverTheEnvironment() {
        guard case .run(let settings, _) = outcome(["--sink", "sqlite"], ["OPENSEARCH_SHIPPER_SINK": "opensearch"])
        else {
            Issue.record("does not run")
            return
        }
        #expect(settings.shipper.sink == .sqlite)
    }

    @Test(
        arguments: [
            (["--snk", "sqlite"], "unknown option `--snk`; did you mean `--sink`?"),
            (["--unheard-of"], "unknown option `--unheard-of`"),
            (["-v"], "unknown option `-v`"),
            (["chekc-config"], "unknown command `chekc-config`; did you mean `check-config`?"),
            (["run", "check-config"], "only one command is taken, and `check-config` is a second one"),
            (["--sink"], "--sink takes a value: --sink NAME"),
            (["--config"], "--config takes a value: --config FILE"),
            (["--set", "redis.host"], "--set takes KEY=VALUE, and `redis.host` has no `=`"),
            (["--ready"], "--ready is an option of healthcheck"),
            (["healthcheck", "--ready=yes"], "--ready takes no value"),
            (["--sink", "sqlite", "map"], "`map` must be the first word; its own options follow it"),
        ] as [([String], String)])
    func mistakesAreTold(arguments: [String], message: String) throws {
        let end = try #require(ended(arguments))
        #expect(end.status == 2)
        #expect(end.output.isEmpty)
        #expect(end.errors == "shipper: \(message)\nTry `shipper --help`.\n")
    }

    @Test func allMistakesOfTheConfigurationAreToldAtOnce() throws {
        let end = try #require(
            ended(
                ["check-config", "--set", "redis.hots=a", "--sink", "file"],
                ["REDIS_PORT": "x", "CONFIG_FILE": "/no/c.yaml"]))
        #expect(end.status == 2)
        #expect(end.output.isEmpty)
        #expect(
            end.errors == """
                shipper: 4 mistakes in the configuration
                  the configuration file /no/c.yaml cannot be read: No such file or directory
                  --set: unknown key `redis.hots`; did you mean `redis.host`?
                  --sink: opensearch_shipper.sink: "file" is not allowed; it takes one of `opensearch`, `sqlite`
                  environment REDIS_PORT: redis.port: "x" is not allowed; it takes an integer from 1 to 65535

                """)
    }

    @Test func checkConfigShowsValuesAndOrigins() throws {
        let end = try #require(
            ended(["check-config", "--sink", "sqlite"], ["REDIS_URL": "redis://u:hunter2@r", "STORE_PATH": "/x.db"]))
        #expect(end.status == 0)
        #expect(end.errors.isEmpty)
        #expect(!end.output.contains("hunter2"))
        let rows = end.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.contains(["KEY", "VALUE", "ORIGIN"]))
        #expect(rows.contains(["opensearch_shipper.sink", "sqlite", "--sink"]))
        #expect(rows.contains(["redis.host", "r", "environment", "REDIS_URL"]))
        #expect(rows.contains(["redis.password", "********", "environment", "REDIS_URL"]))
        #expect(rows.contains(["sqlite.path", "/x.db", "environment", "STORE_PATH"]))
        #expect(rows.contains(["log.level", "info", "default"]))
        #expect(rows.contains(["redis.ca_file", "-", "default"]))
    }

    @Test func versionIsOneLine() throws {
        let end = try #require(ended(["--version"]))
        #expect(end == (0, "shipper 1.2.3\n", ""))
    }

    @Test(arguments: [["--help"], ["-h"], ["help"], ["run", "--help", "--nonsense"]])
    func helpIsWhole(arguments: [String]) throws {
        let end = try #require(ended(arguments))
        #expect(end.status == 0)
        #expect(
            end.output == """
                shipper 1.2.3: stores documents

                Usage: shipper [COMMAND] [OPTIONS]

                Commands:
                  run                                works until SIGTERM or SIGINT; the default
                  check-config                       shows the settings in force and where each comes from
                  healthcheck                        asks the running service whether it is alive: status 0 or 1
                  map [--bulk] [FILE…]               maps lines
                  plan [--dry-run] [NAME] [OPTIONS]  says what it would do

                Options:
                  --config FILE                      configuration file, /etc/ids-suite/config.yaml if it exists
                  --set KEY=VALUE                    sets one key of the configuration; may be repeated
                  --sink NAME                        sets opensearch_shipper.sink
                  --store FILE                       sets sqlite.path
                  --ready                            with healthcheck: asks whether it is ready to work, not only alive
                  --version                          shows the version
                  --help                             shows this text

                Environment:
                  Each key of the configuration has a variable, as REDIS_HOST for redis.host, and
                  with _FILE at its end the variable names a file that holds the value, as
                  REDIS_PASSWORD_FILE=/run/secrets/redis. CONFIG_FILE is the same as --config.
                  An option wins over the environment, that over the file, that over the default.

                Examples:
                  shipper --sink sqlite
                  shipper check-config --set redis.host=10.0.0.5

                """)
    }

    @Test(arguments: [
        ["plan", "--dry-run", "--sink", "sqlite", "all"], ["plan", "all", "--sink=sqlite", "--dry-run"],
        ["plan", "--set", "opensearch_shipper.sink=sqlite", "all", "--dry-run"],
    ])
    func subcommandsMayHaveSettings(arguments: [String]) throws {
        #expect(try #require(ended(arguments)) == (50, "", ""))
    }

    @Test func settingsOfSubcommandsComeFromTheEnvironmentToo() throws {
        let end = try #require(ended(["plan", "all", "--dry-run"], ["OPENSEARCH_SHIPPER_SINK": "sqlite"]))
        #expect(end == (50, "", ""))
    }

    @Test(
        arguments: [
            (["--dry"], "unknown option `--dry`"),
            (["--dry-rum"], "unknown option `--dry-rum`; did you mean `--dry-run`?"),
            (["--dry-run=1"], "--dry-run takes no value"), (["a", "b"], "`b` is too much"),
            (["--config"], "--config takes a value: --config FILE"),
        ])
    func mistakesInASubcommandAreTold(arguments: [String], message: String) throws {
        let end = try #require(ended(["plan"] + arguments))
        #expect(end == (2, "", "shipper plan: \(message)\nTry `shipper plan --help`.\n"))
    }

    @Test func mistakesInTheConfigurationEndASubcommand() throws {
        let end = try #require(ended(["plan", "--sink", "file"], ["REDIS_PORT": "x"]))
        #expect(end.status == 2)
        #expect(end.errors.hasPrefix("shipper: 2 mistakes in the configuration\n"))
    }

    @Test func subcommandsGetTheirWords() throws {
        #expect(try #require(ended(["map", "--bulk", "a", "b"])).status == 43)
        let help = try #require(ended(["map", "--bulk", "--help"]))
        #expect(help.status == 0)
        #expect(
            help.output == """
                shipper map: maps lines

                Usage: shipper map [--bulk] [FILE…]

                  --bulk  as bulk

                """)
    }
}
