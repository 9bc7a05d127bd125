import EventContract

/// Where a full buffer makes a stage wait.
enum BackpressureLevel: Int {
    /// Nowhere.
    case none = 0
    /// The stream of documents is at its budget: the transformer waits for the shippers.
    case documents = 1
    /// The stream of raw batches is at its budget, or Redis near its `maxmemory`: the reader waits, and the file grows.
    case raw = 2
    /// The same, and the RAM disk is nearly full: events are about to be lost.
    case ramDisk = 3

    /// A stage stops at the budget and goes on below it, so that a full stream is found a little below.
    private static let fullShare = 0.95
    private static let ramDiskShareMax = 0.9

    init(_ sample: PipelineSample, memoryMaxPercent: Int) {
        let isFull = { (name: StreamName) in
            sample.streams.contains {
                $0.name == name && Double($0.memoryBytes) >= Double($0.budgetBytes) * Self.fullShare
            }
        }
        let memoryMax = Double(sample.redis.number("maxmemory") ?? 0) * Double(memoryMaxPercent) / 100
        let isMemoryFull =
            memoryMax > 0 && Double(sample.redis.number("used_memory") ?? 0) >= memoryMax * Self.fullShare
        let isDiskFull = sample.sensors.contains { sensor in
            guard sensor.isFresh, let size = sensor.numbers[.diskBytes], size > 0 else { return false }
            return Double(sensor.numbers[.diskUsedBytes] ?? 0) > Double(size) * Self.ramDiskShareMax
        }
        if isFull(.raw) || isMemoryFull {
            self = isDiskFull ? .ramDisk : .raw
        } else {
            self = isFull(.ecs) ? .documents : .none
        }
    }
}
