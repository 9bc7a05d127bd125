import EventContract
import RedisStreams
import Testing

@testable import MetricsExporter

@Suite("What is worked out of a look at Redis")
struct PipelineSampleTests {
    private static func redis(used: Int64, max: Int64) -> RedisInfo {
        RedisInfo("# Memory\r\nused_memory:\(used)\r\nmaxmemory:\(max)\r\n")
    }

    private static func sample(
        raw: Int64 = 0, ecs: Int64 = 0, used: Int64 = 0, diskUsed: Int64 = 0, isFresh: Bool = true
    ) -> PipelineSample {
        var sample = PipelineSample(takenAt: 0, redis: redis(used: used, max: 1_000))
        sample.streams = [(StreamName.raw, raw), (.ecs, ecs)].map {
            PipelineSample.Stream(name: $0.0, entries: 1, memoryBytes: $0.1, budgetBytes: 100)
        }
        let numbers: [SensorReportMember: Int64] = [.diskBytes: 100, .diskUsedBytes: diskUsed]
        sample.sensors = [PipelineSample.Sensor(name: "pi", numbers: numbers, isFresh: isFresh)]
        return sample
    }

    @Test(
        "Where a full buffer makes a stage wait",
        arguments: [
            (sample(), .none), (sample(raw: 94, ecs: 94), .none), (sample(ecs: 95), .documents),
            (sample(raw: 95, ecs: 95), .raw), (sample(used: 760), .raw), (sample(used: 759), .none),
            (sample(raw: 120, diskUsed: 91), .ramDisk), (sample(used: 900, diskUsed: 90), .raw),
            (sample(diskUsed: 100), .none), (sample(raw: 100, diskUsed: 100, isFresh: false), .raw),
        ] as [(PipelineSample, BackpressureLevel)])
    func level(_ sample: PipelineSample, _ level: BackpressureLevel) {
        #expect(BackpressureLevel(sample, memoryMaxPercent: 80) == level)
    }

    @Test("Without maxmemory only the budgets count")
    func unbounded() {
        var sample = Self.sample(used: 5_000)
        sample.redis = Self.redis(used: 5_000, max: 0)
        #expect(BackpressureLevel(sample, memoryMaxPercent: 80) == .none)
    }

    @Test("Events wait as long as entries do; what the counters differ by otherwise is taken off")
    func waitingEvents() {
        var events = WaitingEvents()
        // Five were finished by a group before the totals began.
        let counts = [(100, 105, true), (110, 115, false), (150, 125, true), (150, 155, false)].map {
            events.count(written: $0.0, finished: $0.1, hasEntries: $0.2)
        }
        #expect(counts == [0, 0, 30, 0])
    }

    @Test("Sensors beyond the bound are shown as one: the sum, and of times the latest")
    func otherSensors() {
        var sample = PipelineSample(takenAt: 0)
        sample.sensors = (1...1_000).map { number in
            let numbers: [SensorReportMember: Int64] = [
                .lastEvent: Int64(number), .unreadBytes: 2, .diskBytes: .max,
            ]
            return PipelineSample.Sensor(name: "s\(number)", numbers: numbers, isFresh: number % 2 == 0)
        }
        var shown = ShownSensors()
        sample.sumSensors { shown.shows($0) }
        let other = sample.sensors.last
        #expect(sample.sensors.count == ShownSensors.countMax + 1 && sample.reportsSummed == 936)
        #expect(other?.name == "other" && other?.isFresh == true)
        #expect(other?.numbers == [.lastEvent: 1_000, .unreadBytes: 936, .diskBytes: .max])
        let (isKept, isOther) = (shown.shows("s1"), !shown.shows("other"))
        #expect(isKept && isOther)
    }
}
