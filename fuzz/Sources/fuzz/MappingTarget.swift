import CFuzzing
import CivilTime
import EventContract
import Glibc
import JSON
import Metrics
import Networks
import Zstd

@testable import ECSTransformer

/// Says what is wrong and ends the process as a crash does.
func stop(_ problem: String) -> Never {
    var line = "fuzz: \(problem)\n"
    _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    abort()
}

/// What is fuzzed: the transformer's way from a raw batch to a batch of documents, with its mapping as the service has
/// it. A promise that does not hold ends the process, which the driver takes for a crash and keeps the input of.
final class MappingTarget {
    /// The longest that one input may take, in nanoseconds of CPU time: 50 ms, sanitizer and all.
    private static let nanosecondsMax: Int64 = 50_000_000
    /// The moment at which all lines are read, 2026-02-01T00:00:00Z: the same input gives the same documents.
    private static let readTime: Int64 = 1_769_904_000_000_000_000

    private let mappers: [BatchMapper]
    private var encoder = RawBatchEncoder(codec: .plain)
    private let decompressor = ZstdDecompressor()
    private var tree = JSONTree(seed: 1)
    private let neighbour = NeighbourTarget()

    /// - Parameters:
    ///   - city: a database of places, if there is one.
    ///   - asn: a database of networks, if there is one.
    init(city: String?, asn: String?) {
        var everything = MappingSettings()
        everything.ecsVersion = "9.4.0"
        everything.keepsOriginal = true
        everything.masksSecrets = false
        everything.communityIDSeed = 7
        everything.homeNetworks = ["198.51.100.0/24", "2001:db8::/33"].compactMap(IPNetwork.init)
        everything.geoIPCityFile = city
        everything.geoIPASNFile = asn
        mappers = [MappingSettings(), everything].map { settings in
            BatchMapper(
                settings: settings, codec: .plain, service: "fuzz",
                metrics: TransformerMetrics(MetricsRegistry(prefix: "fuzz")))
        }
        for mapper in mappers {
            for change in mapper.refreshGeoIP() { print("fuzz: \(change)") }
        }
    }

    /// Takes one input: bytes of an EVE file; or the payload of an entry, a checkpoint or answers of Redis when they start
    /// like one.
    func take(_ bytes: UnsafeRawBufferPointer) {
        let began = cpuNanoseconds()
        if bytes.starts(with: "IDSB".utf8) {
            decode(Array(bytes))
        } else if bytes.starts(with: "v1 ".utf8) {
            neighbour.takeCheckpoint(String(decoding: bytes, as: UTF8.self))
        } else if bytes.starts(with: "redis\n".utf8) {
            neighbour.takeAnswers(Array(bytes.dropFirst(6)))
        } else {
            map(bytes)
        }
        let taken = cpuNanoseconds() - began
        require(taken < Self.nanosecondsMax, "one input took \(taken / 1_000_000) ms")
    }

    /// Whatever the entry holds: it is decoded or refused, and what was decoded can be walked.
    private func decode(_ payload: [UInt8]) {
        if let batch = try? RawBatch(decoding: payload, with: decompressor) {
            NeighbourTarget.reckon(with: batch.header)
            for mapper in mappers { check(mapper.map(batch, entryID: "1-1")) }
        }
        if let batch = try? DocumentBatch(decoding: payload, with: decompressor) {
            NeighbourTarget.reckon(with: batch.header)
            for index in 0..<batch.count { _ = CivilDay(containing: batch.document(at: index).time) }
        }
    }

    private func map(_ bytes: UnsafeRawBufferPointer) {
        var events = 0
        var start = 0
        repeat {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let line = UnsafeRawBufferPointer(rebasing: rest.prefix(rest.lengthOfLine))
            require(encoder.append(line, offset: UInt64(start)), "a line did not fit into the batch")
            if isEvent(line) { events += 1 }
            start += line.count + 1
        } while start < bytes.count
        let payload = encoder.finish(
            sensor: "fuzz", sourcePath: "eve.json", identity: FileIdentity(high: 1, low: 2), readTime: Self.readTime,
            endOffset: UInt64(bytes.count))
        guard let batch = try? RawBatch(decoding: payload, with: decompressor) else { stop("our own batch is refused") }
        for mapper in mappers {
            let result = mapper.map(batch, entryID: "1-1")
            require(result.documents >= events, "\(result.documents) documents of \(events) events")
            require(result.documents + result.dead.recordCount >= batch.header.count, "a line left nothing")
            check(result)
        }
    }

    /// Whether a line is one JSON object, on which the pipeline's parser and the judge have to agree.
    private func isEvent(_ line: UnsafeRawBufferPointer) -> Bool {
        let judgement = judge(line)
        do throws(JSONError) {
            let root = try tree.parse(line)
            require(judgement.problem == nil, "a line was parsed that is no JSON: \(text(judgement))")
            require((judgement.has_duplicates != 0) == tree.hasDuplicateKeys, "two opinions about duplicate keys")
            return root.kind == .object
        } catch {
            let isTooDeep = error.reason == .tooDeep && judgement.depth > 64
            require(judgement.problem != nil || isTooDeep, "JSON was not parsed: \(error)")
            return false
        }
    }

    /// Every document is one line of JSON, an object without duplicate keys, with a time.
    private func check(_ result: BatchMapper.Result) {
        guard let payload = result.payload else { return require(result.documents == 0, "documents without a batch") }
        guard let batch = try? DocumentBatch(decoding: payload, with: decompressor) else {
            stop("our own batch of documents is refused")
        }
        require(batch.count == result.documents, "\(batch.count) documents instead of \(result.documents)")
        batch.withBytes { body in
            for index in 0..<batch.count {
                let document = UnsafeRawBufferPointer(rebasing: body[batch.document(at: index).range])
                let judgement = judge(document)
                require(judgement.problem == nil, "\(text(judgement)) of \(text(document))")
                require(
                    judgement.is_object != 0 && judgement.has_duplicates == 0, "a key twice in \(text(document))")
                require(document.starts(with: "{\"@timestamp\":\"".utf8), "no time in \(text(document))")
                require(document.lengthOfLine == document.count, "a line break in \(text(document))")
            }
        }
    }

    private func judge(_ bytes: UnsafeRawBufferPointer) -> judgement {
        judge_json(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    private func text(_ judgement: judgement) -> String {
        "\(judgement.problem.map { String(cString: $0) } ?? "JSON") at byte \(judgement.offset)"
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private func require(_ holds: Bool, _ problem: @autoclosure () -> String) {
        if !holds { stop(problem()) }
    }

    private func cpuNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension UnsafeRawBufferPointer {
    /// The number of bytes before the first line break, or of all.
    fileprivate var lengthOfLine: Int {
        guard let base = baseAddress, let end = memchr(base, 0x0A, count) else { return count }
        return UnsafeRawPointer(end) - base
    }
}
