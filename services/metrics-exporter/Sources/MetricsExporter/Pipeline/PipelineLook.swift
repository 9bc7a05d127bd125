import EventContract
import JSON
import Lifecycle
import Logging
import RedisStreams
import Settings

/// Looks at everything of the pipeline that is in Redis, in one transaction and one round trip.
final class PipelineLook {
    /// The oldest waiting entry of a group.
    private struct Oldest {
        var place: String
        var id: String
        var eventTime: Int64?
    }

    /// What lies between two stages: where a group gets its events from.
    private struct Passage {
        let stream: StreamName
        let group: String
        let writer: String
    }

    private static let passages =
        [Passage(stream: .raw, group: Stage.ecsTransformer, writer: Stage.eveReader)]
        + SinkKind.allCases.map { Passage(stream: .ecs, group: $0.group, writer: Stage.ecsTransformer) }
    private static let stages = Stage.ofEvents + [Stage.deadLetters]
    /// The most sensors beyond those that are shown by their names whose counters are followed.
    private static let otherSensorsMax = 1_024
    /// The most stores that are shown.
    private static let storesMax = 8
    /// A report that is older than this no longer tells how full the RAM disk is.
    private static let reportNanosecondsMax: Int64 = 60_000_000_000

    private let link: RedisLink
    private let keys: StreamKeys
    private let settings: MetricsExporterSettings
    private let logger: Logger
    private var oldest: [String: Oldest] = [:]
    private var waitingEvents: [String: WaitingEvents] = [:]
    private var complaint: String?
    private var tree = JSONTree()
    private var shown = ShownSensors()
    /// Where the next look at each hash begins.
    private var first: [String: Int64] = [:]
    private var sensorsWithTwoHosts: Set<String> = []
    /// What is known of each sensor's Suricata; nil before the totals were read.
    private(set) var suricata: [String: SuricataSensor]?
    /// The counters of the sensors that are not shown by their names, since this exporter's start.
    private(set) var otherSuricatas = SuricataTotals(writersMax: PipelineLook.otherSensorsMax)

    init(link: RedisLink, settings: MetricsExporterSettings, logger: Logger) {
        (self.link, self.settings, self.logger) = (link, settings, logger)
        keys = StreamKeys(prefix: link.options.prefix)
    }

    /// Looks.
    /// - Returns: nil when Redis cannot be used.
    /// - Throws: errors that retrying cannot fix; what Redis does not tell is left out.
    func take() throws(RedisError) -> PipelineSample? {
        var commands: [[RedisArgument]] = [
            ["TIME"], ["INFO", "memory", "clients", "persistence"],
            FieldsScript.command(hashes.map { ($0.key, $0.bounds, first[$0.key] ?? 1) }),
            // Nobody else writes them: what is known stays true.
            suricata == nil ? ["HGETALL", .text(keys.suricataTotals)] : ["EXISTS", .text(keys.suricataTotals)],
        ]
        for (name, _) in streams {
            let key = RedisArgument.text(keys.stream(name))
            commands.append(["XLEN", key])
            commands.append(["MEMORY", "USAGE", key, "SAMPLES", "16"])
            let groups = groups(of: name)
            guard !groups.isEmpty else { continue }
            let asked = groups.flatMap { [$0, oldest[$0]?.place ?? "none"] }
            commands.append(
                ["EVAL_RO", .text(GroupScript.source), "1", key] + asked.map { .text($0) })
        }
        guard let replies = try link.transaction(commands) else { return nil }
        guard replies.count == commands.count else { return nil }
        complain(about: replies + replies[2].elements)
        return sample(replies[...])
    }

    /// The streams, in the order in which they are asked for.
    var streams: [(name: StreamName, budgetBytes: Int)] {
        [
            (.raw, settings.rawStreamBytesMax), (.ecs, settings.documentStreamBytesMax),
            (.dead, link.options.deadLetterBytesMax),
        ]
    }

    /// The hashes, in the order in which they are asked for.
    var hashes: [(key: String, bounds: FieldsScript.Bounds)] {
        [(keys.sensors, .reports), (keys.stores, .reports), (keys.suricata, .lines)]
            + Self.stages.map { (keys.totals($0), .totals) }
    }

    /// The groups of a stream that are asked for.
    func groups(of stream: StreamName) -> [String] { Self.passages.filter { $0.stream == stream }.map(\.group) }

    /// Reads the answers to the commands of one look, one for each.
    func sample(_ replies: ArraySlice<RedisReply>) -> PipelineSample {
        var replies = replies
        var sample = PipelineSample(takenAt: MonotonicClock.nanoseconds())
        let time = replies.removeFirst().elements.compactMap(\.integer)
        let now =
            time.count == 2
            ? EventTime.clamped(time[0] &* 1_000_000_000 &+ time[1] &* 1_000) : WallClock.nanoseconds()
        sample.redis = RedisInfo(replies.removeFirst())
        var found: [String: FieldsScript.Found] = [:]
        for (key, reply) in zip(hashes.map(\.key), replies.removeFirst().elements) {
            let fields = FieldsScript.Found(reply)
            (found[key], first[key]) = (fields, fields.next)
            sample.fieldsLeftOut.append((String(key.dropFirst(keys.prefix.count)), fields.leftOut))
        }
        takeSuricata(latest: found[keys.suricata]?.fields ?? [:], totals: replies.removeFirst())
        sample.suricataSensorsSummed = otherSuricatas.writersCount
        for (name, reply) in Self.sorted(found[keys.sensors]) {
            let numbers: [SensorReportMember: Int64] = numbers(ofReport: reply.bytes ?? [])
            let isFresh = now - (numbers[.time] ?? 0) < Self.reportNanosecondsMax
            sample.sensors.append(PipelineSample.Sensor(name: name, numbers: numbers, isFresh: isFresh))
        }
        for (name, reply) in Self.sorted(found[keys.stores]).prefix(Self.storesMax) {
            let numbers: [StoreReportMember: Int64] = numbers(ofReport: reply.bytes ?? [])
            if let bytes = numbers[.bytes] { sample.storeBytes.append((name, bytes)) }
        }
        for stage in Self.stages {
            for (name, reply) in found[keys.totals(stage)]?.fields ?? [:] {
                sample.totals[stage, default: [:]][StageCounter(rawValue: name)] = reply.integer
            }
        }
        for (name, budgetBytes) in streams {
            var stream = PipelineSample.Stream(
                name: name, entries: replies.removeFirst().integer ?? 0,
                memoryBytes: replies.removeFirst().integer ?? 0,
                budgetBytes: budgetBytes)
            if !groups(of: name).isEmpty {
                for reply in replies.removeFirst().elements {
                    if let group = group(reply.elements, of: stream, sample.totals, now: now) {
                        stream.groups.append(group)
                    }
                }
            }
            sample.streams.append(stream)
        }
        sample.backpressure = BackpressureLevel(sample, memoryMaxPercent: link.options.memoryMaxPercent)
        sample.sumSensors { shown.shows($0) }
        return sample
    }

    /// Reads what `GroupScript` gives for one group.
    private func group(
        _ fields: [RedisReply], of stream: PipelineSample.Stream, _ totals: [String: [StageCounter: Int64]], now: Int64
    ) -> PipelineSample.Group? {
        guard fields.count == 7, let name = fields[0].text, let consumers = fields[1].integer,
            let pending = fields[2].integer, let undelivered = fields[3].integer
        else { return nil }
        // Redis cannot count behind an entry that was deleted; then no more wait than there are.
        let waiting = undelivered < 0 ? max(pending, stream.entries) : pending &+ undelivered
        var group = PipelineSample.Group(name: name, consumers: consumers, pending: pending, waiting: waiting)
        if let oldest = keepOldest(of: name, place: fields[4], id: fields[5], front: fields[6]) {
            let milliseconds = Int64(oldest.id.prefix { $0 != "-" }) ?? 0
            group.oldestAgeSeconds = max(0, Double(now / 1_000_000 - milliseconds) / 1_000)
            group.oldestEventTime = oldest.eventTime
        }
        if let passage = Self.passages.first(where: { $0.group == name }) {
            let own = totals[name] ?? [:]
            group.waitingEvents = waitingEvents[name, default: WaitingEvents()].count(
                written: totals[passage.writer]?[.events] ?? 0,
                finished: (own[.events] ?? own[.stored] ?? 0) &+ (own[.rejected] ?? 0), hasEntries: waiting > 0)
        }
        return group
    }

    private func keepOldest(of group: String, place: RedisReply, id: RedisReply, front: RedisReply) -> Oldest? {
        guard let place = place.text, !place.isEmpty else {
            oldest[group] = nil
            return nil
        }
        if let id = id.text, !id.isEmpty {
            let time = BatchFront(front.bytes ?? [])?.firstTime
            oldest[group] = Oldest(place: place, id: id, eventTime: time == 0 ? nil : time)
        }
        return oldest[group]
    }

    private func takeSuricata(latest: [String: RedisReply], totals: RedisReply) {
        var sensors = suricata ?? [:]
        if suricata == nil {
            for (name, reply) in totals.fields.sorted(by: { $0.key < $1.key }) where shown.shows(name) {
                sensors[name] = SuricataSensor(totals: reply.bytes.flatMap(SuricataTotals.init(text:)))
            }
        }
        for (name, reply) in latest.sorted(by: { $0.key < $1.key }) {
            guard shown.shows(name) else {
                if let stats = SuricataSensor.split(reply.bytes ?? []).flatMap({ SuricataStats($0.line) }) {
                    _ = otherSuricatas.add(stats, of: "\(name) \(stats.host)")
                }
                continue
            }
            if sensors[name, default: SuricataSensor()].take(reply.bytes ?? []), let state = sensors[name] {
                link.keep(state.totals.text, as: name, of: keys.suricataTotals)
                if state.hasTwoHosts, sensorsWithTwoHosts.insert(name).inserted {
                    logger.warning(
                        "Two Suricatas write as one sensor; their counters are summed",
                        ["sensor": name, "host": state.stats?.host ?? ""])
                }
            }
        }
        suricata = sensors
    }

    private static func sorted(_ found: FieldsScript.Found?) -> [(key: String, value: RedisReply)] {
        (found?.fields ?? [:]).sorted { $0.key < $1.key }
    }

    /// Logs once what Redis refused; the rest is shown.
    private func complain(about replies: [RedisReply]) {
        let refusals = replies.compactMap { if case .error(let error) = $0 { error.message } else { nil } }
        guard refusals.first != complaint else { return }
        complaint = refusals.first
        if let complaint { logger.warning("Redis does not tell everything", ["reason": complaint]) }
    }

    /// The members of a report. None of them can be negative; one that is counts as 0.
    private func numbers<Member: RawRepresentable<String> & Hashable>(ofReport text: [UInt8]) -> [Member: Int64] {
        text.withUnsafeBytes { bytes in
            var numbers: [Member: Int64] = [:]
            guard let root = try? tree.parse(bytes) else { return numbers }
            for member in root.members {
                guard let name = member.key.string.flatMap(Member.init) else { continue }
                numbers[name] = member.value.int64.map { max(0, $0) }
            }
            return numbers
        }
    }
}
