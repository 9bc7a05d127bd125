import EventContract
import EventStore
import Foundation
import JSON
import Logging
import ServiceTesting

@testable import ControlPlane

/// An event store with an index and a triage file, in a folder of its own.
struct EventFixture {
    let folder: TemporaryDirectory
    let triage: Triage
    let indexer: Indexer
    let readers: EventReaders
    private let writer: EventStoreWriter

    init() throws {
        folder = try TemporaryDirectory("control-plane")
        writer = try EventStoreWriter(path: folder.file("events.db"), busyTimeoutMilliseconds: 1_000)
        triage = try Triage(in: folder.path)
        indexer = Indexer(
            path: folder.file("index.db"), storePath: folder.file("events.db"), triage: triage, logger: .quiet)
        readers = try EventReaders(
            EventReader.Paths(store: folder.file("events.db"), index: folder.file("index.db"), folder: folder.path),
            triage: triage)
    }

    /// Stores documents, each at its own time.
    ///
    /// - Returns: their ids.
    @discardableResult
    func store(_ documents: [String]) throws -> [String] {
        try documents.map { document in
            let time = Recorded.time(of: document)
            let batch = try DocumentBatch.testing([document], sensor: UUID().uuidString, time: time)
            _ = try writer.store(batch)
            return batch.ids[0]
        }
    }

    /// Stores documents in one batch, at one time.
    func store(together documents: [String]) throws {
        _ = try writer.store(DocumentBatch.testing(documents, sensor: UUID().uuidString))
    }

    /// Lets the indexer work until it has seen all.
    func index() throws {
        repeat { _ = try indexer.step(waits: false) } while indexer.progress.position < indexer.progress.last
    }

    /// The ids of the events of a query, in the order in which they are found.
    func find(_ query: Query) throws -> [String] {
        try readers.read { reader in
            var ids: [String] = []
            _ = try reader.find(query) { event, _ in
                ids.append(event.id)
                return true
            }
            return ids
        }
    }
}

extension Logger {
    static let quiet = Logger(service: "test", level: .error, descriptor: -1)
}

/// Documents that the transformer has made of recorded events.
enum Recorded {
    private static let repository = URL(fileURLWithPath: #filePath).pathComponents.dropLast(6).joined(separator: "/")

    /// One of each event type, and all that a file with more of them has, each on one line.
    static func documents() throws -> [String] {
        let folder = repository.dropFirst() + "/services/ecs-transformer/Tests/Samples"
        var documents = try FileManager.default.contentsOfDirectory(atPath: String(folder)).filter {
            $0.hasSuffix(".ecs.json")
        }
        .sorted().map { name in
            let object = try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            let line = try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            return String(decoding: line, as: UTF8.self)
        }
        if let more = ProcessInfo.processInfo.environment["ECS_DOCUMENTS"] {
            documents += try String(contentsOfFile: more, encoding: .utf8).split(separator: "\n").map(String.init)
        }
        return documents.filter { time(of: $0) > 0 }
    }

    static func time(of document: String) -> Int64 {
        guard let start = document.range(of: "\"@timestamp\":\"")?.upperBound else { return 0 }
        return QueryTime(String(document[start...].prefix { $0 != "\"" }), now: 0)?.first ?? 0
    }

    static func with<Result>(_ document: String, _ body: (JSONNode) throws -> Result) throws -> Result {
        var tree = JSONTree()
        return try Array(document.utf8).withUnsafeBytes { try body(try tree.parse($0)) }
    }
}

/// Random queries about things that are in the documents.
struct RandomQueries {
    private var generator: SeededGenerator
    private let values: [(path: String, text: String)]

    init(_ documents: [String], seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        var values: [(String, String)] = []
        func collect(_ node: JSONNode, _ path: String) {
            switch node.kind {
            case .object:
                for (key, value) in node.members {
                    collect(value, path.isEmpty ? key.string ?? "" : path + "." + (key.string ?? ""))
                }
            case .array: for element in node.elements { collect(element, path) }
            default: if let text = node.text, text.utf8.count < 100 { values.append((path, text)) }
            }
        }
        for document in documents { try Recorded.with(document) { collect($0, "") } }
        self.values = values
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }

    private static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "\"\(escaped)\""
    }

    /// The text of a query; not every one is valid.
    mutating func text(depth: Int = 0) -> String {
        switch depth > 2 ? 9 : number(0...13) {
        case 0, 1: return "\(text(depth: depth + 1)) \(text(depth: depth + 1))"
        case 2: return "(\(text(depth: depth + 1)) OR \(text(depth: depth + 1)))"
        case 3: return "-\(text(depth: depth + 1).split(separator: " ").joined(separator: " -"))"
        default: return term()
        }
    }

    private mutating func term() -> String {
        let (path, value) = values[number(0...values.count - 1)]
        let aliases = QueryField.named.filter { $0.paths.contains(path) }
        let name = aliases.isEmpty ? path : aliases[number(0...aliases.count - 1)].name
        let words = WordPattern(value).tokens.map { String(decoding: $0, as: UTF8.self) }
        switch number(0...9) {
        case 0, 1: return "\(name):\(Self.quoted(value))"
        case 2: return "\(name):\(Self.quoted(String(value.prefix(number(1...6)))))*"
        case 3: return words.isEmpty ? value : words[number(0...words.count - 1)]
        case 4: return words.isEmpty ? value : words[number(0...words.count - 1)].prefix(number(2...8)) + "*"
        case 5: return Self.quoted(value.uppercased())
        case 6:
            let domain = value.split(separator: ".").dropFirst().joined(separator: ".")
            return domain.contains(" ") || domain.isEmpty ? "\(name):*" : "\(name):*.\(domain)"
        case 7: return "\(name):>\(value)"
        case 8:
            return [
                "type:alert", "sev:[1..2]", "dport:<1024", "sport:[1000..50000]", "is:own", "is:blocked", "-type:flow",
            ][number(0...6)]
        default:
            let octets = value.split(separator: ".")
            return octets.count == 4 ? "ip:\(octets.prefix(number(1...3)).joined(separator: ".")).*" : "has:\(name)"
        }
    }
}
