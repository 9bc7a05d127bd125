/// Measured values of the last 24 hours, one for each half minute: what charts are drawn of where there is no Prometheus.
///
/// Its memory is bounded: 2,880 places of four bytes for each name, and as many names as the code has.
struct SeriesRing: Sendable {
    /// The seconds that one place speaks of.
    static let stepSeconds: Int64 = 30
    /// How many places there are.
    static let count: Int64 = 24 * 3_600 / stepSeconds

    /// What can be asked for.
    enum Name: String, CaseIterable, Sendable {
        /// The busy part of the machine's cores, and of its memory, 0 to 1.
        case cpu, memory
        /// Events a second that pass a stage.
        case read = "events.read"
        case mapped = "events.mapped"
        case local = "events.stored.local"
        case opensearch = "events.stored.opensearch"
        /// Seconds for which the oldest batch has waited for a stage.
        case transformerLag = "lag.ecs-transformer"
        case localLag = "lag.local"
        case opensearchLag = "lag.opensearch"
        /// Milliseconds that a canary needed to a store.
        case canary = "canary.milliseconds"
        /// Memory of Redis in bytes.
        case redisMemory = "redis.memory"
    }

    private struct Place {
        var sum: Float = 0
        var count: Float = 0
    }

    private var values: [Name: [Float]] = [:]
    /// What belongs to the place that is not over yet.
    private var current: [Name: Place] = [:]
    private var slot: Int64 = 0
    private var firstSlot: Int64?

    /// Takes what was measured at a time.
    ///
    /// - Parameter seconds: since the epoch. A clock that was set back adds to the present place.
    mutating func take(_ measured: [Name: Double], at seconds: Int64) {
        let now = seconds / Self.stepSeconds
        if firstSlot == nil { (firstSlot, slot) = (now, now) }
        if now > slot { close(until: now) }
        for (name, value) in measured where value.isFinite {
            current[name, default: Place()].sum += Float(value)
            current[name, default: Place()].count += 1
        }
    }

    private mutating func close(until now: Int64) {
        for name in Name.allCases {
            guard current[name] != nil || values[name] != nil else { continue }
            var ring = values[name] ?? Array(repeating: .nan, count: Int(Self.count))
            ring[Int(slot % Self.count)] = current[name].map { $0.sum / $0.count } ?? .nan
            // What was not measured while the machine slept, say, is not known.
            for missed in max(slot + 1, now - Self.count + 1)..<max(slot + 1, now) {
                ring[Int(missed % Self.count)] = .nan
            }
            values[name] = ring
        }
        current = [:]
        slot = now
    }

    /// The mean values between two times, each over `step` seconds or a little more.
    ///
    /// - Returns: the times at which the parts begin, in seconds since the epoch, and the values, nil where nothing was
    ///   measured.
    func series(
        _ names: [Name], from: Int64, to: Int64, step: Int64
    ) -> (times: [Int64], step: Int64, values: [[Double?]]) {
        let width = max(1, (step + Self.stepSeconds - 1) / Self.stepSeconds)
        // Parts begin at round times, so that they stay the same while time goes on.
        let first = max(from / Self.stepSeconds, slot - Self.count + 1) / width
        let last = min(to / Self.stepSeconds, slot) / width
        guard firstSlot != nil, first <= last else { return ([], width * Self.stepSeconds, names.map { _ in [] }) }
        let times = (first...last).map { $0 * width * Self.stepSeconds }
        let values = names.map { name in
            (first...last).map { part -> Double? in
                let found = (part * width..<(part + 1) * width).compactMap { value(of: name, at: $0) }
                return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
            }
        }
        return (times, width * Self.stepSeconds, values)
    }

    private func value(of name: Name, at wanted: Int64) -> Double? {
        guard wanted > slot - Self.count, wanted <= slot, wanted >= firstSlot ?? .max else { return nil }
        if wanted == slot { return current[name].map { Double($0.sum / $0.count) } }
        guard let value = values[name]?[Int(wanted % Self.count)], !value.isNaN else { return nil }
        return Double(value)
    }
}
