import Foundation
import Testing

@testable import EventContract

/// The words of docs/event-contract.md, which consumers in other languages are written by, are those of the code.
@Suite("Words of the contract")
struct ContractWordsTests {
    /// The rows of the table below a heading, each with the words in backticks of its cells.
    private static func table(_ heading: String) throws -> [[[String]]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/event-contract.md")
        let lines = try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let section = lines.drop { $0 != "## \(heading)" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.filter { $0.hasPrefix("|") }.dropFirst(2).map { row in
            row.split(separator: "|").map { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            }
        }
    }

    @Test("Streams and hashes")
    func names() throws {
        let keys = StreamKeys()
        #expect(
            try Self.table("Names in Redis").map { $0[0] } == [
                [keys.raw], [keys.ecs], [keys.dead], [keys.checkpoint(sensor: "<sensor>")], [keys.totals("<stage>")],
                [keys.sensors], [keys.stores], [keys.suricata], [keys.suricataTotals],
            ])
    }

    @Test("Stages and what they count")
    func counters() throws {
        let rows = try Self.table("Totals")
        let stages = Set((Stage.ofEvents + [Stage.deadLetters]).map(StreamKeys().totals))
        #expect(Set(rows.flatMap { $0[0] }) == stages)
        #expect(Set(rows.flatMap { $0[1] }) == Set(StageCounter.all.map(\.rawValue)))
    }

    @Test("Members of reports")
    func reports() throws {
        let keys = StreamKeys()
        let rows = try Self.table("Reports")
        #expect(rows.map { $0[0] } == [[keys.sensors], [keys.stores]])
        #expect(rows[0][2] == SensorReportMember.allCases.map(\.rawValue))
        #expect(rows[1][2] == StoreReportMember.allCases.map(\.rawValue))
    }

    @Test("Consumer groups and their streams")
    func groups() throws {
        let keys = StreamKeys()
        let groups = [[[Stage.ecsTransformer], [keys.raw]]] + SinkKind.allCases.map { [[$0.group], [keys.ecs]] }
        #expect(try Self.table("Groups and pending entries").map { Array($0[...1]) } == groups)
    }
}
