import Foundation
import Logging
import Testing

@testable import Configuration

/// Keys as a section of settings declares them.
private enum Keys {
    enum Color: String, CaseIterable { case red, green }

    static let host = ConfigurationKey("redis.host", .host, default: "localhost", "Host.")
    static let port = ConfigurationKey("redis.port", .port, default: 6379, "Port.")
    static let password = ConfigurationKey("redis.password", .secret, default: Secret(), "Password.")
    static let timeout = ConfigurationKey("redis.timeout_ms", .milliseconds(in: 1...1_000), default: 100, "Time.")
    static let size = ConfigurationKey("reader.batch_bytes", .bytes(in: 1...(8 << 20)), default: 512 << 10, "Size.")
    static let path = ConfigurationKey("reader.path", .optionalPath, default: nil, environment: "EVE_PATH", "Path.")
    static let once = ConfigurationKey("reader.once", .boolean, default: false, option: .enable("--once"), "Once.")
    static let color = ConfigurationKey("reader.color", .choice, default: Color.red, "Color.")
    static let groups = ConfigurationKey(
        "reader.groups", .list(of: .name, count: 1...3, example: ("a", "b")), default: ["opensearch"], "Groups.")

    static let sections = [
        ConfigurationSection(
            "redis", "Redis.", keys: [host.definition, port.definition, password.definition, timeout.definition]),
        ConfigurationSection(
            "reader", "Reader.",
            keys: [size.definition, path.definition, once.definition, color.definition, groups.definition]),
    ]
}

private func reader(
    file: String? = nil, environment: [String: String] = [:], set: [(String, String)] = []
) -> ConfigurationReader {
    let sources = ConfigurationSources(
        assignments: set.map { .init($0.0, $0.1, option: "--set") }, environment: { environment[$0] },
        file: file.map { ConfigurationFile(path: "config.yaml", bytes: Array($0.utf8)) })
    return ConfigurationReader(sources, sections: Keys.sections)
}

/// A file that is removed with the value.
private final class TemporaryFile {
    let path: String

    init(_ content: String) throws {
        path = NSTemporaryDirectory() + "ids-" + UUID().uuidString
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

@Suite struct PrecedenceTests {
    @Test func strongerSourcesWin() {
        let file = "redis:\n  host: from-file\n"
        let environment = ["REDIS_HOST": "from-environment"]
        let set = [("redis.host", "from-flag"), ("redis.host", "from-last-flag")]
        let all = reader(file: file, environment: environment, set: set).setting(of: Keys.host)
        #expect(all.value == "from-last-flag")
        #expect(all.origin == .flag("--set"))
        let two = reader(file: file, environment: environment).setting(of: Keys.host)
        #expect(two.value == "from-environment")
        #expect(two.origin == .environment("REDIS_HOST"))
        let one = reader(file: file).setting(of: Keys.host)
        #expect(one.value == "from-file")
        #expect(one.origin == .file(path: "config.yaml", line: 2))
        let none = reader().setting(of: Keys.host)
        #expect(none.value == "localhost")
        #expect(none.origin == .fallback)
    }

    @Test func emptyVariablesAreNotSet() {
        let environment = ["REDIS_HOST": "", "REDIS_PORT_FILE": ""]
        #expect(reader(environment: environment).setting(of: Keys.host).origin == .fallback)
        #expect(reader(environment: environment).setting(of: Keys.port).origin == .fallback)
    }

    @Test func variablesHaveTheirOwnName() {
        #expect(reader(environment: ["EVE_PATH": "/x"]).value(of: Keys.path) == "/x")
        #expect(Keys.size.definition.environment == "READER_BATCH_BYTES")
    }
}

@Suite struct ValueFileTests {
    @Test(arguments: [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), ("two\n\n", "two\n"), ("", "")])
    func variablesNameFiles(content: String, secret: String) throws {
        let file = try TemporaryFile(content)
        let reader = reader(environment: ["REDIS_PASSWORD_FILE": file.path])
        let setting = reader.setting(of: Keys.password)
        #expect(setting.value.reveal() == secret)
        #expect(setting.origin == .environmentFile(variable: "REDIS_PASSWORD_FILE", path: file.path))
        #expect(reader.problems.isEmpty)
    }

    @Test func everyKeyCanComeFromAFile() throws {
        let file = try TemporaryFile("7000\n")
        #expect(reader(environment: ["REDIS_PORT_FILE": file.path]).value(of: Keys.port) == 7000)
    }

    @Test func secretsOfTheConfigurationFileComeFromFiles() throws {
        let file = try TemporaryFile("s3cret\n")
        #expect(reader(file: "redis: {password_file: \(file.path)}").value(of: Keys.password).reveal() == "s3cret")
        let flag = reader(set: [("redis.password_file", file.path)])
        #expect(flag.value(of: Keys.password).reveal() == "s3cret")
        #expect(flag.problems.isEmpty)
    }

    @Test func aVariableAndItsFileContradict() throws {
        let file = try TemporaryFile("b")
        let reader = reader(environment: ["REDIS_PASSWORD": "a", "REDIS_PASSWORD_FILE": file.path])
        _ = reader.value(of: Keys.password)
        #expect(
            reader.problems.map(\.description) == [
                "environment REDIS_PASSWORD_FILE=\(file.path): redis.password: "
                    + "set either REDIS_PASSWORD or REDIS_PASSWORD_FILE, not both"
            ])
    }

    @Test func missingAndOversizedFilesAreTold() throws {
        let missing = reader(environment: ["REDIS_PASSWORD_FILE": "/nowhere/secret"])
        _ = missing.value(of: Keys.password)
        #expect(
            missing.problems.map(\.message) == [
                "redis.password: the file /nowhere/secret cannot be read: No such file or directory"
            ])
        let folder = reader(environment: ["REDIS_PASSWORD_FILE": NSTemporaryDirectory()])
        _ = folder.value(of: Keys.password)
        #expect(folder.problems.first?.message.hasSuffix("cannot be read: Is a directory") == true)
        let file = try TemporaryFile(String(repeating: "x", count: 65_537))
        let large = reader(environment: ["REDIS_PASSWORD_FILE": file.path])
        _ = large.value(of: Keys.password)
        #expect(large.problems.first?.message.hasSuffix("cannot be read: larger than 65536 bytes") == true)
    }
}

@Suite struct TypingTests {
    @Test(
        arguments: [
            ("512", 512), ("64KiB", 65_536), ("5MiB", 5 << 20), ("64 KiB", 65_536), ("8388608", 8 << 20), ("3B", 3),
        ])
    func sizesAreRead(text: String, bytes: Int) {
        let reader = reader(set: [("reader.batch_bytes", text)])
        #expect(reader.value(of: Keys.size) == bytes)
        #expect(reader.problems.isEmpty)
    }

    @Test(arguments: ["", "0", "-1", "KiB", "5MB", "5kib", "1.5MiB", "9MiB", "99999999999GiB", "0x10", "٣"])
    func wrongSizesAreRefused(text: String) {
        let reader = reader(set: [("reader.batch_bytes", text)])
        _ = reader.value(of: Keys.size)
        #expect(
            reader.problems.map(\.description) == [
                "--set: reader.batch_bytes: \"\(text)\" is not allowed; "
                    + "it takes bytes from 1 to 8MiB, as `65536` or `64KiB`"
            ])
    }

    @Test(arguments: ["0", "65536", "-1", "12x", " 1", "1e3", "1_000", "99999999999999999999", "0x1F"])
    func wrongPortsAreRefused(text: String) {
        let reader = reader(environment: ["REDIS_PORT": text])
        #expect(reader.value(of: Keys.port) == 6379)
        #expect(
            reader.problems.map(\.description) == [
                "environment REDIS_PORT: redis.port: \"\(text)\" is not allowed; it takes an integer from 1 to 65535"
            ])
    }

    @Test(arguments: ["yes", "True", "1", "on"]) func onlyTrueAndFalseAreTruthValues(text: String) {
        let reader = reader(file: "reader: {once: \(text)}")
        _ = reader.value(of: Keys.once)
        #expect(
            reader.problems.map(\.description) == [
                "config.yaml:1: reader.once: \"\(text)\" is not allowed; it takes `true` or `false`"
            ])
    }

    @Test func choicesNameAllCases() {
        let reader = reader(file: "reader:\n  color: blue\n")
        _ = reader.value(of: Keys.color)
        #expect(
            reader.problems.map(\.description) == [
                "config.yaml:2: reader.color: \"blue\" is not allowed; it takes one of `red`, `green`"
            ])
    }

    @Test(arguments: ["groups: [a, b]", "groups: a, b", "groups:\n  - a\n  - b"]) func listsAreRead(text: String) {
        #expect(
            reader(file: "reader:\n  " + text.split(separator: "\n").joined(separator: "\n  "))
                .value(of: Keys.groups) == ["a", "b"])
    }

    @Test(arguments: ["[{b: 1, c: d}]", "\n  - b: 1\n    c: d", "[b=1 c=d]", "b=1 c=d"])
    func itemsMayHaveParts(text: String) throws {
        let file = ConfigurationFile(path: "c.yaml", bytes: Array("reader:\n groups: \(text)".utf8))
        let sources = ConfigurationSources(environment: { _ in nil }, file: file)
        let key = ConfigurationKey(
            "reader.groups", ValueForm<[String]>.list(of: .text, count: 1...3, example: ("a", "b")), default: [],
            "Parts.")
        let section = ConfigurationSection("reader", "", keys: [key.definition])
        let items = ConfigurationReader(sources, sections: [section]).value(of: key)
        let parts = try #require(ItemParts(items[0], required: ["b"], optional: ["c", "d"]))
        #expect((items.count, parts["b"], parts["c"], parts["d"]) == (1, "1", "d", nil))
        #expect(ItemParts(items[0], required: ["b"], optional: []) == nil)
        #expect(ItemParts(items[0], required: ["b", "c", "d"], optional: []) == nil)
        #expect(ItemParts.text(["b": "1", "c": nil, "d": "2"]) == "b=1 d=2")
    }

    @Test(arguments: ["[]", "[a, b, c, d]", "[a b]", "[a, '']"]) func listsAreBounded(text: String) {
        let reader = reader(file: "reader: {groups: \(text)}")
        _ = reader.value(of: Keys.groups)
        #expect(reader.problems.count == 1)
    }

    @Test func aListForOneValueIsRefused() {
        let reader = reader(file: "redis: {host: [a, b]}")
        _ = reader.value(of: Keys.host)
        #expect(
            reader.problems.map(\.message) == [
                "redis.host takes one value, not a list: a host name or an address, without port or brackets"
            ])
    }

    @Test func theEmptyTextUnsetsAnOptionalKey() {
        let reader = reader(file: "reader: {path: \"\"}")
        #expect(reader.value(of: Keys.path) == nil)
        #expect(reader.problems.isEmpty)
    }

    @Test(arguments: ["a\nb", "a\u{1B}[2J", "", String(repeating: "x", count: 5_000)])
    func textsAreOneShortLine(text: String) {
        let reader = reader(environment: ["REDIS_HOST": "x"], set: [("reader.path", text)])
        _ = reader.value(of: Keys.path)
        #expect(reader.problems.isEmpty == text.isEmpty)
    }

    @Test(
        arguments: [
            ("redis", true), ("r-1.example_net.", true), ("10.0.0.5", true), ("::1", true), ("fe80::1%eth0", true),
            ("r:6379", false), ("[::1]", false), ("::1:x", false), ("a,b", false), ("redis://r", false), ("", false),
            ("u:p@h", false), ("a b", false),
        ])
    func hostsHaveNeitherPortNorBrackets(text: String, isAllowed: Bool) {
        #expect((ValueForm<String>.host.parse(text) != nil) == isAllowed)
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:9200", true), ("https://a.b/c", true), ("http://[::1]:9200", true), ("ftp://a", false),
            ("http://", false), ("http://:9200", false), ("http://u:p@h", false), ("http://a b", false),
            ("a:9200", false), ("http://a:0", false), ("http://a:65535", true), ("http://a:99999", false),
            ("http://a:", false), ("http://a:+1", false), ("http://a:9200,http://b:9200", false), ("http://::1", false),
            ("http://[a]", false), ("http://[::1", false), ("http://[fe80::1%eth0]:1/x", true), ("http://a?b", false),
        ])
    func endpointsAreURLs(text: String, isAllowed: Bool) {
        #expect((ValueForm<String>.httpURL.parse(text) != nil) == isAllowed)
    }
}

@Suite struct UnknownKeyTests {
    @Test func theNearestKeyIsSuggested() {
        let reader = reader(
            file: "redis:\n  hots: a\n  port: 1\nreeder:\n  once: true\nfar_away: 1\n",
            set: [("redis.passwrod", "x"), ("once", "true")])
        #expect(
            reader.problems.map(\.description) == [
                "config.yaml:2: unknown key `redis.hots`; did you mean `redis.host`?",
                "config.yaml:5: unknown key `reeder.once`; did you mean `reader.once`?",
                "config.yaml:6: unknown key `far_away`",
                "--set: unknown key `redis.passwrod`; did you mean `redis.password`?",
                "--set: unknown key `once`",
            ])
    }

    @Test func sectionsAndKeysAreNotMixedUp() {
        #expect(
            reader(file: "redis: localhost\nreader: {path: {a: 1}}").problems.map(\.description) == [
                "config.yaml:1: redis is a section and takes keys, not a value",
                "config.yaml:2: reader.path takes a value, not keys",
            ])
    }

    @Test func allMistakesAreToldAtOnce() {
        let reader = reader(
            file: "redis:\n  hots: a\n  port: x\n", environment: ["READER_ONCE": "maybe"],
            set: [("reader.color", "blue")])
        _ = reader.value(of: Keys.port)
        _ = reader.value(of: Keys.once)
        _ = reader.value(of: Keys.color)
        _ = reader.value(of: Keys.host)
        #expect(reader.problems.count == 4)
    }

    @Test(
        arguments: [
            ("hots", "host"), ("hst", "host"), ("HOST", nil), ("hosts", "host"), ("prot", "port"), ("x", nil),
            ("", nil),
        ]
            as [(String, String?)])
    func slipsOfTheFingerAreNear(name: String, nearest: String?) {
        #expect(nearestName(to: name, among: ["host", "port", "database"]) == nearest)
    }
}

@Suite struct SecretTests {
    @Test func nothingShowsIt() {
        struct Holder {
            var password = Secret("hunter2")
            var list = [Secret("hunter2")]
        }
        var dumped = ""
        dump(Holder(), to: &dumped)
        for text in [
            "\(Holder())", String(reflecting: Holder()), dumped, "\(Secret("hunter2"))", "\([Secret("hunter2")])",
        ] {
            #expect(!text.contains("hunter2"))
        }
        #expect(Secret("hunter2").description == Secret("").description)
    }

    @Test func neitherEffectiveSettingsNorProblemsShowIt() throws {
        let set = reader(set: [("redis.password", "hunter2")])
        _ = set.value(of: Keys.password)
        #expect(set.effective.map(\.text) == ["********"])
        let wrong = ConfigurationKey(
            "redis.password",
            ValueForm<Secret>(allowed: "nothing", isSecret: true, text: { $0.reveal() }, parse: { _ in nil }),
            default: Secret(), "Password.")
        let refused = reader(set: [("redis.password", "hunter2")])
        _ = refused.value(of: wrong)
        #expect(
            refused.problems.map(\.description) == [
                "--set: redis.password: the value is not allowed; it takes nothing"
            ])
    }
}

@Suite struct CredentialTests {
    @Test(
        arguments: [
            ("https://u:hunter2@h/x", "https://********@h/x"), ("u:hunter2@h", "********@h"),
            ("u@hunter2@h", "********@h"),
            ("http://h", "http://h"), ("hunter2@http://h", "********@http://h"), ("", ""),
        ])
    func areWithheld(text: String, shown: String) {
        #expect(Secret.withholdingCredentials(in: text) == shown)
    }

    @Test func areNotShownByARefusal() {
        let reader = reader(set: [("redis.host", "u:hunter2@h")])
        _ = reader.value(of: Keys.host)
        #expect(reader.problems.count == 1 && !"\(reader.problems)".contains("hunter2"))
    }

    @Test func areRefusedOnACommandLineAlone() {
        let flag = reader(set: [("redis.password", "hunter2")])
        _ = flag.value(of: Keys.password)
        #expect(flag.problems.count == 1 && "\(flag.problems)".contains("REDIS_PASSWORD_FILE"))
        let others = reader(file: "redis: {password: hunter2}")
        _ = others.value(of: Keys.password)
        #expect(others.problems.isEmpty)
    }
}

@Suite struct EffectiveSettingTests {
    @Test func areInTheFormInWhichTheyAreWritten() {
        let reader = reader(file: "reader: {groups: [a, b]}", set: [("reader.batch_bytes", "65536")])
        _ = reader.value(of: Keys.size)
        _ = reader.value(of: Keys.groups)
        _ = reader.value(of: Keys.password)
        _ = reader.value(of: Keys.path)
        #expect(
            reader.effective.map(\.name) == ["reader.batch_bytes", "reader.groups", "redis.password", "reader.path"])
        #expect(reader.effective.map(\.text) == ["64KiB", "a,b", "", ""])
        #expect(
            reader.effective.map(\.origin.description)
                == ["--set", "config.yaml:1", "default", "default"])
    }
}
