import EventContract
import RedisStreams

/// What one look at Redis has found.
struct PipelineSample {
    /// One stream.
    struct Stream {
        var name: StreamName
        var entries: Int64
        var memoryBytes: Int64
        var budgetBytes: Int
        var groups: [Group] = []
    }

    /// One consumer group of a stream.
    struct Group {
        var name: String
        var consumers: Int64
        /// Entries that were taken and are not acknowledged.
        var pending: Int64
        /// Entries that are not acknowledged: pending, and not taken yet.
        var waiting: Int64
        /// Events in them.
        var waitingEvents: Int64?
        /// For how long the oldest of them has been in the stream; 0 for none.
        var oldestAgeSeconds: Double = 0
        /// The time of the first event in it, in nanoseconds since the epoch; nil when it is not known.
        var oldestEventTime: Int64?
    }

    /// What a sensor's reader last reported.
    struct Sensor {
        var name: String
        var numbers: [SensorReportMember: Int64]
        /// Whether that was lately.
        var isFresh: Bool
    }

    /// When it was taken, in nanoseconds of the monotonic clock.
    var takenAt: Int64
    var redis = RedisInfo("")
    var streams: [Stream] = []
    /// What each stage has counted.
    var totals: [String: [StageCounter: Int64]] = [:]
    var sensors: [Sensor] = []
    /// The size of each local store, in bytes.
    var storeBytes: [(name: String, bytes: Int64)] = []
    var backpressure = BackpressureLevel.none
    /// How many fields of each hash were too long or too many to be read.
    var fieldsLeftOut: [(hash: String, count: Int64)] = []
    /// How many sensors' reports, and how many sensors' counters of Suricata, are summed as one sensor.
    var reportsSummed = 0
    var suricataSensorsSummed = 0

    /// Makes one sensor of all that are not shown by their names: of times the latest, of all else the sum.
    mutating func sumSensors(shows: (String) -> Bool) {
        var others = Sensor(name: ShownSensors.other, numbers: [:], isFresh: false)
        var kept: [Sensor] = []
        for sensor in sensors {
            guard !shows(sensor.name) else {
                kept.append(sensor)
                continue
            }
            reportsSummed += 1
            for (member, number) in sensor.numbers {
                // What a silent sensor last said is not true of now.
                guard member.isTime || sensor.isFresh else { continue }
                let before = others.numbers[member] ?? 0
                let (sum, isTooMuch) = before.addingReportingOverflow(number)
                others.numbers[member] = member.isTime ? max(before, number) : isTooMuch ? before : sum
            }
            others.isFresh = others.isFresh || sensor.isFresh
        }
        sensors = reportsSummed == 0 ? kept : kept + [others]
    }
}
