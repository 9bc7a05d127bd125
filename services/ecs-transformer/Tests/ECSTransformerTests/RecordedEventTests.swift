import Glibc
import JSON
import Testing

@testable import ECSTransformer

@Suite("What Suricata has written")
struct RecordedEventTests {
    /// The project's own recordings; and whatever the folder in `EVE_CORPORA` holds besides.
    private static let files: [String] = {
        let repository = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        let folders =
            ["/\(repository)/fixtures/eve"] + [getenv("EVE_CORPORA").map { String(cString: $0) }].compactMap { $0 }
        return folders.flatMap { folder in
            names(in: folder).filter { $0.hasSuffix(".ndjson") }.sorted().map { "\(folder)/\($0)" }
        }
    }()

    /// The year 2096, so that no recording comes from the future.
    private static let readTime: Int64 = 4_000_000_000_000_000_000

    @Test("There are recordings")
    func exist() { #expect(!Self.files.isEmpty) }

    @Test("Each event becomes one document that has all of it, and what every document must have", arguments: files)
    func nothingIsLost(_ path: String) throws {
        var mapper = try EventMapper()
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        var events = 0
        while case let count = getline(&line, &capacity, file), count > 0 {
            let bytes = UnsafeRawBufferPointer(start: line, count: count).prefix { $0 != 0x0A }
            let parts = try mapParts(Array(bytes), &mapper, readTime: Self.readTime)
            guard parts.count == 1, case .event(let event, _) = parts[0] else {
                Issue.record("not one event: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            events += 1
            #expect(try Self.isWhole(Array(event.eve.utf8), of: Array(bytes)), "\(event.eve)")
            for field in ["@timestamp", "ecs.version", "event.kind", "event.module", "event.dataset"] {
                #expect(event[field] != nil, "\(field)")
            }
            if event["event.kind"] == "event" || event["event.kind"] == "alert" {
                #expect(event["event.category"] != nil && event["event.type"] != nil)
            }
        }
        #expect(events > 0)
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
            let (copies, events) = (Array(copy.members), Array(event.members))
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
