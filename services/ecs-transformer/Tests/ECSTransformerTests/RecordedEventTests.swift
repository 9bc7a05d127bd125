import Glibc
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
            let parts = try mapParts(Array(bytes), &mapper)
            guard parts.count == 1, case .event(let event, _) = parts[0] else {
                Issue.record("not one event: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            events += 1
            #expect(event.eve == Self.withTextFlowID(String(decoding: bytes, as: UTF8.self)))
            for field in ["@timestamp", "ecs.version", "event.kind", "event.module", "event.dataset"] {
                #expect(event[field] != nil, "\(field)")
            }
            #expect(event["event.kind"] != "pipeline_error")
            if event["event.kind"] == "event" || event["event.kind"] == "alert" {
                #expect(event["event.category"] != nil && event["event.type"] != nil)
            }
        }
        #expect(events > 0)
    }

    /// The event with the digits of its flow id between quotes.
    private static func withTextFlowID(_ line: String) -> String {
        guard let key = line.range(of: #","flow_id":"#) else { return line }
        let digits = line[key.upperBound...].prefix { $0.isNumber }
        return digits.isEmpty ? line : line[..<key.upperBound] + "\"\(digits)\"" + line[digits.endIndex...]
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

extension String {
    /// Where a text occurs first.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        let (bytes, wanted) = (utf8, Array(text.utf8))
        var start = bytes.startIndex
        while let found = bytes[start...].firstIndex(of: wanted[0]) {
            if bytes[found...].starts(with: wanted) { return found..<bytes.index(found, offsetBy: wanted.count) }
            start = bytes.index(after: found)
        }
        return nil
    }
}
