import JSON
import Testing

@testable import ControlPlane

@Suite struct MapRecordingTests {
    private let context = MapFrames.Context(epoch: "e", networks: [])

    private func written(
        _ recording: MapRecording, from: Int64? = nil, to: Int64? = nil, time: Int64
    ) throws -> (deltas: [Int64], from: Int64, isComplete: Bool) {
        let bytes = JSONWriter.object {
            recording.write(from: from, to: to, time: time, MapGraph(), context, to: &$0)
        }
        var tree = JSONTree()
        return try bytes.withUnsafeBytes { bytes in
            let root = try tree.parse(bytes)
            let deltas = root["deltas"]?.elements.compactMap(\.int64) ?? []
            return (deltas, root["from"]?.int64 ?? 0, root["complete"]?.bool ?? false)
        }
    }

    private func delta(_ number: Int64, bytes: Int = 1) -> [UInt8] {
        Array(String(number).utf8) + [UInt8](repeating: UInt8(ascii: " "), count: bytes)
    }

    @Test func theLastSecondsAreKept() throws {
        var recording = MapRecording(secondsMax: 10)
        for time: Int64 in 100..<200 { recording.add(delta(time), time: time) }
        let all = try written(recording, time: 200)
        #expect(all.deltas == Array(190..<200) && all.isComplete && all.from == 190)
        #expect(try written(recording, from: 193, to: 195, time: 200).deltas == [193, 194, 195])
    }

    @Test func memoryIsBoundedAndThatIsSaid() throws {
        var recording = MapRecording(secondsMax: 1_000)
        for time: Int64 in 0..<100 { recording.add(delta(time, bytes: MapRecording.bytesMax / 10), time: time) }
        let all = try written(recording, time: 100)
        #expect(all.deltas == Array(91..<100) && !all.isComplete)
        #expect(try written(recording, from: 95, time: 100).isComplete)
    }

    @Test func aClockThatJumpsLosesNothingYoungAndKeepsNothingForever() throws {
        var recording = MapRecording(secondsMax: 10)
        for time: Int64 in 5_000..<5_005 { recording.add(delta(time), time: time) }
        for time: Int64 in 100..<105 { recording.add(delta(time), time: time) }
        #expect(try written(recording, from: 0, to: 9_999, time: 105).deltas.count == 10)
        for time: Int64 in 105..<110 { recording.add(delta(time), time: time) }
        #expect(try written(recording, from: 0, to: 9_999, time: 110).deltas == Array(100..<110))
    }

    @Test(arguments: [
        ("1-0", "2-0", true), ("2-0", "10-0", true), ("5-9", "5-10", true), ("5-1", "5-1", false), ("0-0", "1-1", true),
    ])
    func idsOfEntriesAreComparedAsNumbers(left: String, right: String, isBefore: Bool) {
        #expect(MapStream.isBefore(left, right) == isBefore)
        #expect(!MapStream.isBefore(right, left))
    }
}
