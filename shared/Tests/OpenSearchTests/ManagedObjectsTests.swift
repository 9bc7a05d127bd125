import JSON
import Settings
import Testing

@testable import OpenSearch

@Suite struct ManagedObjectsTests {
    /// Lends the JSON of each object.
    private func forEach(_ settings: OpenSearchSettings, _ check: (ManagedObject, JSONNode) throws -> Void) throws {
        for object in ManagedObjects.all(settings) {
            var tree = JSONTree()
            try object.json.withUnsafeBytes { try check(object, try tree.parse($0)) }
        }
    }

    @Test(arguments: OpenSearchSettings.Mode.allCases)
    func everyObjectIsJSONAndSaysItsVersion(mode: OpenSearchSettings.Mode) throws {
        var settings = OpenSearchSettings()
        settings.mode = mode
        try forEach(settings) { object, root in
            let mark: ManagedMark
            if object.kind == .lifecyclePolicy {
                mark = ManagedMark(description: root["policy"]?["description"]?.string ?? "")
            } else {
                let meta = root["_meta"]
                mark = ManagedMark(
                    version: meta?["version"]?.int64 ?? 0, fingerprint: meta?["fingerprint"]?.string ?? "")
            }
            #expect(mark == ManagedMark(version: Int64(ManagedObject.version), fingerprint: object.fingerprint))
            if object.kind == .indexTemplate {
                #expect((root["data_stream"] != nil) == (mode == .datastream))
                let pattern = root["index_patterns"]?.onlyElement?.string
                #expect(pattern == (mode == .index ? "suricata-*" : "suricata"))
            }
        }
    }

    @Test func fieldsHaveTheirTypes() throws {
        try forEach(OpenSearchSettings()) { object, root in
            guard let mappings = root["template"]?["mappings"], let properties = mappings["properties"] else { return }
            #expect(mappings["dynamic"]?.bool == false)
            func type(_ path: String) -> String? {
                let names = path.split(separator: ".")
                var node: JSONNode? = properties
                for (index, name) in names.enumerated() {
                    node = node?.members.first { $0.key.string == String(name) }?.value
                    if index < names.count - 1 { node = node?["properties"] }
                }
                return node?["type"]?.string
            }
            if object.name.hasSuffix("-ecs") {
                #expect(type("@timestamp") == "date")
                #expect(type("source.ip") == "ip")
                #expect(type("source.geo.location") == "geo_point")
                #expect(type("email.attachments") == "nested")
            } else {
                #expect(type("suricata.signature") == "keyword")
                #expect(type("suricata.eve.flow.age") == "long")
                #expect(type("suricata.eve.alert.metadata") == "flat_object")
                #expect(type("suricata.eve.stats") == "flat_object")
            }
        }
    }

    @Test func settingsChangeTheFingerprintsOfWhatTheyAreIn() {
        func fingerprints(_ change: (inout OpenSearchSettings) -> Void) -> [String] {
            var settings = OpenSearchSettings()
            change(&settings)
            return ManagedObjects.all(settings).map(\.fingerprint)
        }
        func differing(_ change: (inout OpenSearchSettings) -> Void) -> [Int] {
            zip(fingerprints { _ in }, fingerprints(change)).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        }
        #expect(differing { _ in }.isEmpty)
        #expect(differing { $0.shards = 2 } == [0])
        #expect(differing { $0.replicas = 2 } == [0, 4])
        #expect(differing { $0.warmAfterDays = 7 } == [4])
        #expect(differing { $0.deleteAfterDays = 0 } == [4])
    }

    @Test("With classes each has a policy of its own, and the narrower names are stronger")
    func policiesOfClasses() throws {
        var settings = OpenSearchSettings()
        settings.classes = .on
        var seen: [String: (pattern: String?, priority: Int64?, states: [String], age: String?)] = [:]
        try forEach(settings) { object, root in
            guard object.kind == .lifecyclePolicy, let policy = root["policy"] else { return }
            let template = policy["ism_template"]?.onlyElement
            let states = policy["states"]?.elements.map { $0 } ?? []
            let deletion = states.compactMap { $0["transitions"]?.onlyElement }.last
            #expect(deletion?["state_name"]?.string == "delete")
            seen[object.name] = (
                template?["index_patterns"]?.onlyElement?.string, template?["priority"]?.int64,
                states.compactMap { $0["name"]?.string }, deletion?["conditions"]?["min_index_age"]?.string
            )
        }
        #expect(Set(seen.keys) == ["ids-suite-suricata", "ids-suite-suricata-alerts", "ids-suite-suricata-stats"])
        let (all, alerts, stats) = (
            seen["ids-suite-suricata"], seen["ids-suite-suricata-alerts"], seen["ids-suite-suricata-stats"]
        )
        #expect(
            [all?.pattern, alerts?.pattern, stats?.pattern] == ["suricata-*", "suricata-alerts-*", "suricata-stats-*"])
        #expect([all?.age, alerts?.age, stats?.age] == ["30d", "365d", "7d"])
        #expect(all?.priority == 158 && alerts?.priority == 165 && stats?.priority == 164)
        #expect(stats?.states == ["hot", "warm", "delete"])
    }

    @Test("Indexes that go before they would be warm are not merged")
    func deletionBeforeWarm() throws {
        var settings = OpenSearchSettings()
        (settings.classes, settings.warmAfterDays) = (.on, 10)
        try forEach(settings) { object, root in
            guard object.name == "ids-suite-suricata-stats" else { return }
            let states = root["policy"]?["states"]?.elements.compactMap { $0["name"]?.string }
            #expect(states == ["hot", "delete"])
        }
    }

    @Test(arguments: ["", "x", "[opensearch-shipper ]", "[opensearch-shipper x y]", "[opensearch-shipper 1 2 3]", "]"])
    func aDescriptionOfAnothersSaysNothing(description: String) {
        #expect(ManagedMark(description: description) == ManagedMark())
    }

    @Test func aMarkIsReadAsItWasWritten() {
        let mark = ManagedMark(version: 12, fingerprint: "ab01")
        #expect(ManagedMark(description: "Text [with] this \(mark.text)") == mark)
    }
}
