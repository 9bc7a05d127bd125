import EventContract
import JSON
import OpenSearchBulk
import Testing

@Suite struct BulkActionTests {
    private static func id() -> EventID {
        var source = EventIDSource(sensor: "sensor-1", identity: FileIdentity(high: 1, low: 2))
        return Array("{}".utf8).withUnsafeBytes { source.id(of: $0, offset: 4_096, time: 1_769_949_296_123_456_000) }
    }

    @Test("The action line names the index of the event's own day")
    func bulkAction() throws {
        var action = try BulkAction(indexPrefix: "suricata")
        var output: [UInt8] = []
        let id = Self.id()
        let midnight: Int64 = 1_769_990_400_000_000_000
        for time in [midnight - 1, midnight, midnight - 1, 0] { action.append(id: id, time: time, to: &output) }
        let days = ["2026.02.01", "2026.02.02", "2026.02.01", "1970.01.01"]
        let lines = days.map { "{\"create\":{\"_index\":\"suricata-\($0)\",\"_id\":\"\(id)\"}}\n" }
        #expect(String(decoding: output, as: UTF8.self) == lines.joined())
    }

    @Test("A data stream has one name for all days")
    func bulkActionOfADataStream() throws {
        var action = try BulkAction(indexPrefix: "suricata", isDataStream: true)
        var output: [UInt8] = []
        let id = Self.id()
        for time: Int64 in [0, 1_769_990_400_000_000_000] { action.append(id: id, time: time, to: &output) }
        let line = "{\"create\":{\"_index\":\"suricata\",\"_id\":\"\(id)\"}}\n"
        #expect(String(decoding: output, as: UTF8.self) == line + line)
    }

    @Test func daysBeyondTheWindowShareOneIndex() throws {
        var action = try BulkAction(indexPrefix: "suricata")
        let times: [Int64] = [.min, -1, 0, 86_399_999_999_999, 86_400_000_000_000, .max]
        action.days = 0...0
        var lines: [UInt8] = []
        for time in times {
            action.append(id: Self.id(), time: time, to: &lines)
        }
        let indexes = String(decoding: lines, as: UTF8.self).split(separator: "\n").map { $0.split(separator: "\"")[5] }
        let (day, outside) = ("suricata-1970.01.01", "suricata-outside")
        #expect(indexes.map(String.init) == [outside, outside, day, day, outside, outside])
        action.days = -1...1
        #expect(action.destination(time: -1) == .day(DailyIndex(.telemetry, day: -1)))
        #expect(action.destination(time: .max) == .outside(.telemetry))
    }

    @Test("Each class has an index of each day, and one for the days without")
    func classes() throws {
        var action = try BulkAction(indexPrefix: "suricata")
        action.days = 0...0
        let indexes = [Int64(0), .max].flatMap { time in
            EventClass.allCases.map { action.index(action.destination(time: time, eventClass: $0)) }
        }
        #expect(
            indexes == [
                "suricata-stats-1970.01.01", "suricata-1970.01.01", "suricata-alerts-1970.01.01",
                "suricata-stats-outside", "suricata-outside", "suricata-alerts-outside",
            ])
        var lines: [UInt8] = []
        for eventClass in [EventClass.alerts, .telemetry, .telemetry] {
            action.append(id: Self.id(), time: 0, eventClass: eventClass, to: &lines)
        }
        let text = String(decoding: lines, as: UTF8.self)
        #expect(
            text.split(separator: "\n").map { $0.split(separator: "\"")[5] }
                == [indexes[2], indexes[1], indexes[1]].map { $0[...] })
    }

    @Test(
        "The class follows from the document",
        arguments: [
            (#"{"event":{"kind":"alert"}}"#, EventClass.alerts), (#"{"event":{"kind":"metric"}}"#, .stats),
            (#"{"event":{"kind":"event"}}"#, .telemetry), (#"{"event":{"kind":["alert"]}}"#, .telemetry),
            (#"{"suricata":{"eve":{"event_type":"alert"}}}"#, .telemetry), ("[]", .telemetry), ("no JSON", .telemetry),
        ])
    func classOfADocument(document: String, eventClass: EventClass) {
        var tree = JSONTree()
        Array(document.utf8).withUnsafeBytes { #expect(EventClass(of: try? tree.parse($0)) == eventClass) }
    }

    @Test(
        "What OpenSearch does not take as a name is refused",
        arguments: ["", "Suricata", "-a", "_a", "a b", "a\"", "a*"])
    func indexPrefix(prefix: String) {
        #expect(throws: IndexPrefixError.self) { try BulkAction(indexPrefix: prefix) }
    }
}
