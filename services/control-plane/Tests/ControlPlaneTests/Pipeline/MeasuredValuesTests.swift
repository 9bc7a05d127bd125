import Testing

@testable import ControlPlane

@Suite("Measured values")
struct MeasuredValuesTests {
    @Test("what a service shows is read by name and labels, and what is not wanted or malformed is passed over")
    func exposition() {
        let text = """
            # HELP ids_redis_up 1 when it is.
            # TYPE ids_redis_up gauge
            ids_redis_up 1
            ids_group_lag_seconds{stream="ecs",group="local"} 2.5
            ids_group_lag_seconds{stream="ecs",group="with \\"quotes\\", \\\\ and \\n"} 3
            ids_group_lag_seconds{stream="ecs" 4
            ids_group_lag_events NaN
            ids_something_else_total 12
            nonsense
            """
        let shown = Exposition(Array(text.utf8))
        #expect(shown.value("ids_redis_up") == 1)
        #expect(shown.value("ids_group_lag_seconds", ["group": "local"]) == 2.5)
        #expect(shown.value("ids_group_lag_seconds", ["group": "with \"quotes\", \\ and \n"]) == 3)
        #expect(shown["ids_group_lag_seconds"].count == 2 && shown.sum("ids_group_lag_seconds") == 5.5)
        #expect(shown["ids_something_else_total"].isEmpty && shown.sum("ids_group_lag_events") == nil)
    }

    @Test("half minutes are means, gaps are told as such, and what is older than a day is gone")
    func ring() {
        var ring = SeriesRing()
        let start: Int64 = 1_800_000_000
        for second in stride(from: Int64(0), to: 60, by: 10) {
            ring.take([.cpu: Double(second) / 100], at: start + second)
        }
        ring.take([.cpu: 0.9], at: start + 120)
        ring.take([.cpu: 0.8], at: start + 150)
        let found = ring.series([.cpu, .memory], from: start, to: start + 150, step: 30)
        #expect(found.times == (0...5).map { start + $0 * 30 } && found.step == 30)
        #expect(found.values[0].map { $0.map { ($0 * 100).rounded() } } == [10, 40, nil, nil, 90, 80])
        #expect(found.values[1].allSatisfy { $0 == nil })

        let coarse = ring.series([.cpu], from: start, to: start + 150, step: 60)
        #expect(coarse.values[0].map { $0.map { ($0 * 100).rounded() } } == [25, nil, 85])

        ring.take([.cpu: 0.5], at: start + 90_000)
        let later = ring.series([.cpu], from: start, to: start + 90_000, step: 30)
        #expect(later.times.count == Int(SeriesRing.count) && later.values[0].compactMap { $0 } == [0.5])
    }

    @Test("before anything was measured there are no values")
    func nothing() {
        #expect(SeriesRing().series([.cpu], from: 0, to: 100, step: 30).times.isEmpty)
    }
}
