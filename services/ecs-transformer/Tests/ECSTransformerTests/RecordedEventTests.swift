import Glibc
import JSON
import Testing

@testable import ECSTransformer

@Suite("What Suricata has written")
struct RecordedEventTests {
    /// The project's own recordings.
    private static let ownFiles: [String] = {
        let repository = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        return recordings(in: "/\(repository)/fixtures/eve")
    }()

    /// Those, and whatever the folder in `EVE_CORPORA` holds besides.
    private static let files =
        ownFiles + (getenv("EVE_CORPORA").map { recordings(in: String(cString: $0)) } ?? [])

    private static func recordings(in folder: String) -> [String] {
        names(in: folder).filter { $0.hasSuffix(".ndjson") }.sorted().map { "\(folder)/\($0)" }
    }

    /// The year 2096, so that no recording comes from the future.
    private static let readTime: Int64 = 4_000_000_000_000_000_000

    @Test("There are recordings")
    func exist() { #expect(!Self.files.isEmpty) }

    @Test("Each event becomes one document that has all of it, and what every document must have", arguments: files)
    func nothingIsLost(_ path: String) throws {
        var settings = MappingSettings()
        settings.masksSecrets = false
        try Self.forEachEvent(in: path, settings) { event, line in
            let isWhole = try Self.isWhole(Array(event.eve.utf8), of: line)
            #expect(isWhole, "\(event.eve)")
            for field in ["@timestamp", "ecs.version", "event.kind", "event.module", "event.dataset"] {
                #expect(event[field] != nil, "\(field)")
            }
            if event["event.kind"] == "event" || event["event.kind"] == "alert" {
                #expect(event["event.category"] != nil && event["event.type"] != nil)
            }
        }
    }

    @Test("Nothing of one event comes into another: backwards they become the same", arguments: files)
    func eventsAreIndependent(_ path: String) throws {
        var forwards: [(line: [UInt8], document: String)] = []
        try Self.forEachEvent(in: path, MappingSettings()) { forwards.append(($1, $0.document)) }
        var mapper = LineMapper()
        for (line, document) in forwards.reversed() {
            guard case .event(let event, _) = try mapParts(line, &mapper, readTime: Self.readTime)[0] else { continue }
            #expect(event.document == document)
        }
    }

    /// Passwords and communities that the recorded clients have used (`fixtures/traffic`), which are no other words.
    private static let secrets = [
        "secret", "secret1", "letmein", "dragon", "qwerty", "summer", "guess1", "guess2", "correct horse",
    ]

    @Test("No document has a password, not even in base 64", arguments: ownFiles)
    func secretsAreMasked(_ path: String) throws {
        // A file, a member of EVE and an extension of TLS have the word in their names.
        let names = ["secret.txt", "secret_key", "master_secret"]
        try Self.forEachEvent(in: path, MappingSettings()) { event, _ in
            var texts = [event.document]
            for key in ["payload", "packet", "http_request_body"] {
                texts += Self.decodedTexts(of: key, in: event.eve)
            }
            for text in texts {
                let text = names.reduce(text) { $0.replacing($1, with: "") }
                for secret in Self.secrets { #expect(!text.contains(secret), "\(secret) in \(event.eve)") }
                #expect(!text.contains("YW5uYTpzZWNyZXQ"), "\(event.eve)")
                #expect(!text.contains(#""community":"p"#))
            }
        }
    }

    /// The texts that stand as base 64 under a key.
    private static func decodedTexts(of key: String, in event: String) -> [String] {
        event.ranges(of: "\"\(key)\":\"").compactMap { range in
            let value = event[range.upperBound...].prefix { $0 != "\"" }
            var bytes: [UInt8] = []
            let isDecoded = Array(value.utf8).withUnsafeBytes { Base64.decode($0, into: &bytes) }
            return isDecoded ? String(decoding: bytes, as: UTF8.self) : nil
        }
    }

    /// Maps all lines of a file, and calls `use` with each event and its line.
    private static func forEachEvent(
        in path: String, _ settings: MappingSettings, _ use: (_ event: MappedEvent, _ line: [UInt8]) throws -> Void
    ) throws {
        var mapper = LineMapper(settings)
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        var events = 0
        while case let count = getline(&line, &capacity, file), count > 0 {
            let bytes = Array(UnsafeRawBufferPointer(start: line, count: count).prefix { $0 != 0x0A })
            let parts = try mapParts(bytes, &mapper, readTime: readTime)
            guard parts.count == 1, case .event(let event, _) = parts[0] else {
                Issue.record("not one event: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            events += 1
            try use(event, bytes)
        }
        #expect(events > 0)
    }

    @Test("Ids of connections are those that Suricata computes", arguments: ownFiles)
    func communityIDs(_ path: String) throws {
        var compared = 0
        var mapper = LineMapper()
        try Self.forEachEvent(in: path, MappingSettings()) { event, bytes in
            let line = String(decoding: bytes, as: UTF8.self)
            guard line.contains(#""community_id":""#), !(try Self.isKnownDifference(bytes)) else { return }
            let others = line.replacing(#""community_id":"#, with: #""former_id":"#)
            guard case .event(let computed, _) = try mapParts(Array(others.utf8), &mapper)[0] else { return }
            #expect(computed["network.community_id"] == event["network.community_id"], "\(line)")
            compared += 1
        }
        #expect(compared > 0)
    }

    /// Whether Suricata's id is another than the specification's: it orders the ports of equal addresses otherwise, and
    /// takes no heed of the code of ICMP messages that nothing answers.
    private static func isKnownDifference(_ line: [UInt8]) throws -> Bool {
        var tree = JSONTree()
        return try line.withUnsafeBytes { line in
            let event = try tree.parse(line)
            if event["src_ip"]?.string == event["dest_ip"]?.string { return true }
            guard let type = event["icmp_type"]?.int64 else { return false }
            let answered: [Int64] =
                event["proto"]?.string == "ICMP" ? [0, 8, 9, 10, 13, 14, 15, 16, 17, 18] : Array(128...136)
            return !answered.contains(type)
        }
    }

    /// Whether the copy of an event has all of its values, the flow id as text.
    private static func isWhole(_ copy: [UInt8], of event: [UInt8]) throws -> Bool {
        var copyTree = JSONTree()
        var eventTree = JSONTree()
        return try copy.withUnsafeBytes { copy in
            try event.withUnsafeBytes { event in
                let (copy, event) = (try copyTree.parse(copy), try eventTree.parse(event))
                return isSame(copy, event, key: "")
            }
        }
    }

    private static func isSame(_ copy: JSONNode, _ event: JSONNode, key: String) -> Bool {
        guard copy.kind == event.kind else {
            return key == "flow_id" && copy.content.elementsEqual(event.content)
        }
        switch event.kind {
        case .object:
            // The dates of an alert's rule are there twice.
            let events = Array(event.members)
            let copies = copy.members.filter { member in
                key != "alert" || !member.key.isEqual(to: "created_at") && !member.key.isEqual(to: "updated_at")
                    || events.contains { $0.key.content.elementsEqual(member.key.content) }
            }
            return copies.count == events.count
                && zip(copies, events).allSatisfy { copy, event in
                    copy.key.content.elementsEqual(event.key.content)
                        && isSame(copy.value, event.value, key: event.key.string ?? "")
                }
        case .array:
            let (copies, events) = (Array(copy.elements), Array(event.elements))
            return copies.count == events.count && zip(copies, events).allSatisfy { isSame($0, $1, key: "") }
        default: return copy.raw.elementsEqual(event.raw)
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
