import CivilTime
import EventContract
import Lifecycle
import Logging
import RedisStreams
import Settings

@testable import EveReader
@testable import MetricsExporter

/// What a neighbour can put into Redis beside batches: checkpoints, reports, totals and counters, with all the arithmetic
/// that is done with them.
final class NeighbourTarget {
    /// Nothing listens there, and nothing is sent.
    private let link = RedisLink(RedisOptions(port: 1), service: "fuzz", stop: StopSignal(), logger: .silent)

    /// Reads a checkpoint, and goes on at it in a file that is gone.
    func takeCheckpoint(_ text: String) {
        guard let checkpoint = Checkpoint(text) else { return }
        if Checkpoint(checkpoint.text) != checkpoint { stop("a checkpoint is another one once it is written") }
        let options = FollowedFiles.Options(path: checkpoint.path, lineBytesMaximum: 1 << 10)
        let cursor = FileCursor(checkpoint, text: text, options: options)
        _ = (cursor.unreadBytes, cursor.unsettledBytes, cursor.isTelling, cursor.checkpoint(time: 1).text)
        _ = try? cursor.rewind(to: text)
    }

    /// Shows what Redis holds: the lines of the input take turns in the places of the answer.
    func takeAnswers(_ text: [UInt8]) {
        let look = PipelineLook(link: link, settings: MetricsExporterSettings(), logger: .silent)
        var lines = text.split(separator: UInt8(ascii: "\n"))[...]
        let all = lines
        let next = { () -> RedisReply in
            if lines.isEmpty { lines = all }
            return .bytes(Array(lines.popFirst() ?? []))
        }
        // Twice, as a second look goes on from the first.
        for _ in 0..<2 {
            let hashes = look.hashes.map { _ in
                let names = ["pi", "events", "stored", "rejected", "latency_sum_ms"].map {
                    RedisReply.bytes(Array($0.utf8))
                }
                return RedisReply.array([next(), next()] + names.flatMap { [$0, next()] })
            }
            var replies = [
                .array([next(), next()]), next(), .array(hashes), .array([.bytes(Array("pi".utf8)), next()]),
            ]
            for stream in look.streams {
                replies += [next(), next()]
                let groups = look.groups(of: stream.name).map { name in
                    RedisReply.array([.bytes(Array(name.utf8))] + (0..<6).map { _ in next() })
                }
                if !groups.isEmpty { replies.append(.array(groups)) }
            }
            _ = PipelineFamilies.families(look.sample(replies[...]))
        }
    }

    /// Does with the times of a batch what its readers do.
    static func reckon(with header: BatchHeader) {
        let now = WallClock.nanoseconds()
        for time in [header.firstTime, header.lastTime, header.readTime] {
            _ = UTCTimestamp(time).description
            let age = max(0, now - time) / 1_000_000
            _ = (header.readTime - time, LatencyBuckets.totals(milliseconds: age, count: header.count))
        }
    }
}
