import JSON

/// The deltas of the last 15 minutes, as they were sent: what a replay shows.
struct MapRecording: Sendable {
    /// What all deltas may take: 6 MiB.
    static let bytesMax = 6 << 20

    private struct Entry: Sendable {
        let time: Int64
        /// Shared with what was sent.
        let delta: [UInt8]
    }

    private let secondsMax: Int64
    private var entries: [Entry] = []
    private var bytes = 0
    /// The time of the last delta that had to go for want of room.
    private var lostTime: Int64 = 0

    init(secondsMax: Int) {
        self.secondsMax = Int64(secondsMax)
    }

    /// - Parameter time: seconds since the epoch.
    mutating func add(_ delta: [UInt8], time: Int64) {
        entries.append(Entry(time: time, delta: delta))
        bytes += delta.count
        // Also by their number: a clock that was set back leaves entries of the future.
        var gone = max(entries.prefix { $0.time <= time - secondsMax }.count, entries.count - Int(secondsMax))
        bytes -= entries[..<gone].reduce(0) { $0 + $1.delta.count }
        while bytes > Self.bytesMax, gone < entries.count {
            bytes -= entries[gone].delta.count
            lostTime = entries[gone].time
            gone += 1
        }
        entries.removeFirst(gone)
    }

    /// The deltas of a time, with all nodes and edges that they name.
    ///
    /// - Parameters:
    ///   - from: seconds since the epoch; nil for all.
    ///   - to: the same, for the end.
    ///   - time: now.
    func write(
        from: Int64?, to: Int64?, time: Int64, _ graph: MapGraph, _ context: MapFrames.Context,
        to answer: inout JSONWriter
    ) {
        let first = max(from ?? .min, entries.lazy.map(\.time).min() ?? time)
        let last = to ?? time
        context.write(to: &answer)
        answer.member("from", first)
        answer.member("to", last)
        answer.member("bucket_ms", MapFrames.bucketMilliseconds)
        answer.member("window_s", secondsMax)
        answer.member("complete", lostTime < max(from ?? .min, time - secondsMax))
        answer.member("nodes", graph.recordedNodes)
        answer.member("edges", graph.recordedEdges.map(\.withoutTotals))
        answer.array("deltas") { list in
            for entry in entries where entry.time >= first && entry.time <= last { list.json(entry.delta) }
        }
    }
}
