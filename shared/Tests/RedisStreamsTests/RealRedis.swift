import EventContract
import Lifecycle
import Logging
import ServiceTesting
import Testing

@testable import RedisStreams

/// Switches a suite off, with the reason, where no Redis is to be had.
extension Trait where Self == ConditionTrait {
    static var realRedis: Self {
        .enabled(if: RedisServerBinary.found != nil, Comment(rawValue: RedisServerBinary.absence))
    }
}

/// One client of a real Redis, with everything that a service would put around it.
final class Client {
    let stop = StopSignal()
    let link: RedisLink
    let keys = StreamKeys()
    /// The states that the link has reported, in order.
    private(set) var states: [(isReady: Bool, reason: String)] = []
    /// What it has reported of dead letters, in order.
    private(set) var letterStates: [(areKept: Bool, reason: String)] = []

    init(_ fixture: RedisFixture, service: String = "test", change: (inout RedisOptions) -> Void = { _ in }) {
        var options = fixture.options
        change(&options)
        link = RedisLink(options, service: service, stop: stop, logger: .silent)
        link.onStateChange = { [weak self] isReady, reason in self?.states.append((isReady, reason)) }
        link.onLettersChange = { [weak self] areKept, reason in self?.letterStates.append((areKept, reason)) }
    }

    func consumer(
        _ name: String = "one", group: String = "ecs-transformer", stream: String? = nil, output: String? = "ids:ecs",
        heldMax: Int = 8, claimAfterMilliseconds: Int = 60_000
    ) -> StreamConsumer {
        StreamConsumer(
            link: link, keys: keys, stream: stream ?? keys.raw, output: output, group: group, consumer: name,
            options: .init(entriesHeldMax: heldMax, claimAfterMilliseconds: claimAfterMilliseconds))
    }

    func writer(inFlightMax: Int = 4) -> CheckpointedWriter<Position> {
        CheckpointedWriter(link: link, keys: keys, sensor: "pi", commitsInFlightMax: inFlightMax)
    }
}

/// What stands for a batch in the tests of the writer: the position that it moves.
struct Position: Equatable {
    var field: String
    var checkpoint: String?
}

extension CheckpointedWriter<Position> {
    func submit(_ commit: Commit) {
        submit(Position(field: commit.field, checkpoint: commit.next), as: commit)
    }
}

extension CheckpointedWriter<Position>.Outcome {
    static func confirmed(field: String, checkpoint: String?) -> Self {
        .confirmed(Position(field: field, checkpoint: checkpoint))
    }
}

/// Repeats `attempt` until it gives something, at most for ten seconds.
func eventually<Value>(_ what: String, _ attempt: () throws -> Value?) throws -> Value {
    let deadline = Deadline.milliseconds(60_000)
    while !deadline.hasPassed {
        if let value = try attempt() { return value }
    }
    throw Absent(what: what)
}

struct Absent: Error {
    var what: String
}

/// The highest id of a stream's entries: whoever adds one with it lets nothing follow.
let lastID: RedisArgument = "18446744073709551615-18446744073709551615"

/// A small dead letter.
func letter() -> DeadLetter {
    DeadLetter(
        reason: "none", origin: .init(service: "test"), time: 0, bytes: UnsafeRawBufferPointer(start: nil, count: 0))
}

/// The payload of a small raw batch.
func payload(_ lines: [String] = ["{\"n\":1}"], version: UInt8 = 1) -> [UInt8] {
    var encoder = RawBatchEncoder(codec: .plain)
    var offset: UInt64 = 0
    for line in lines {
        _ = Array(line.utf8).withUnsafeBytes { encoder.append($0, offset: offset) }
        offset += UInt64(line.utf8.count + 1)
    }
    var payload = encoder.finish(
        sensor: "pi", sourcePath: "/eve.json", identity: FileIdentity(high: 1, low: 2), readTime: 0, endOffset: offset)
    payload[4] = version
    return payload
}

extension StreamConsumer {
    /// Up to `count` entries, the first of which may be waited for.
    func next(count: Int, blockMilliseconds: Int) throws -> [StreamEntry] {
        var entries: [StreamEntry] = []
        while entries.count < count,
            let entry = try next(blockMilliseconds: entries.isEmpty ? blockMilliseconds : 0)
        {
            entries.append(entry)
        }
        return entries
    }
}
