import Glibc
import Lifecycle
import Logging
import Pipeline
import Testing

@testable import OpenSearchShipper

@Suite struct SinkWatchTests {
    private let second: Int64 = 1_000_000_000

    /// The lines that a watch writes while the sink is as told, one state after the other.
    private func lines(_ states: [(SinkHealth, Int64)]) throws -> [String] {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let watch = SinkWatch(
            name: "s", readiness: Readiness(), logger: Logger(service: "t", level: .notice, descriptor: ends[1]))
        for (health, time) in states { watch.observe(health, now: time) }
        close(ends[1])
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(ends[0], &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func aStateIsToldOnce() throws {
        let gone = SinkHealth.waiting(reason: "gone")
        let told = try lines((0..<100).map { (gone, Int64($0) * second) } + [(.ready, 100 * second)])
        #expect(told.count == 2)
        #expect(told.first?.contains("gone") == true)
        #expect(told.last?.contains("works again") == true)
    }

    /// A store that fails and works by turns fills no log, and a trouble that lasts is told all the same.
    @Test func aFlickerIsToldOnceAMinute() throws {
        let gone = SinkHealth.waiting(reason: "gone")
        var states = (0..<590).map { number in (number.isMultiple(of: 2) ? gone : .ready, Int64(number) * second / 10) }
        #expect(try lines(states).count == 2)
        states.append((gone, 61 * second))
        #expect(try lines(states).count == 3)
    }
}
