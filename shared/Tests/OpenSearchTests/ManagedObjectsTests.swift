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

    @Test(arguments: ["", "x", "[opensearch-shipper ]", "[opensearch-shipper x y]", "[opensearch-shipper 1 2 3]", "]"])
    func aDescriptionOfAnothersSaysNothing(description: String) {
        #expect(ManagedMark(description: description) == ManagedMark())
    }

    @Test func aMarkIsReadAsItWasWritten() {
        let mark = ManagedMark(version: 12, fingerprint: "ab01")
        #expect(ManagedMark(description: "Text [with] this \(mark.text)") == mark)
    }
}
