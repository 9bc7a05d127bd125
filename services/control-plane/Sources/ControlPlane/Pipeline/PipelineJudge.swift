import EventContract
import Lifecycle

/// What one look has found.
struct PipelineLook: Sendable {
    /// Nanoseconds since the epoch.
    var time: Int64
    /// The monotonic clock, in nanoseconds.
    var now: Int64
    var services: [ServiceState]
    var box = Box()
    /// The time of the newest event of the local store, in nanoseconds since the epoch.
    var newestEvent: Int64?
}

/// Judges look after look: how each stage is, and what the whole of it comes to in one sentence.
///
/// What is held back stops what is before it, so that of several stages that are stuck the last one of the flow is the cause.
struct PipelineJudge {
    /// A batch that has waited longer makes its stage late.
    private static let lateSeconds = 60.0
    /// This service, which shows how much it takes and says nothing of the pipeline.
    static let own = ConfigurationKeeper.ownService
    /// A stage that counts nothing for so long does not get on.
    private static let idleNanoseconds: Int64 = 30_000_000_000
    /// For so long a service that cannot be reached from here may prove by what it counts that it works.
    private static let proofNanoseconds: Int64 = 150_000_000_000
    /// Rates are means over so long.
    private static let rateNanoseconds: Int64 = 60_000_000_000

    private struct Counted {
        var history: [(at: Int64, total: Double)] = []
        var changedAt: Int64?
    }

    let silenceSeconds: Int
    let canaryMilliseconds: Int
    private var counted: [StageKind: Counted] = [:]
    private var since: [StageKind: (state: PipelineStatus.Stage.State, time: Int64)] = [:]
    private var redisDownSince: Int64?
    private var canaries = CanaryTrack()
    private var begun: Int64?

    init(silenceSeconds: Int, canaryMilliseconds: Int) {
        (self.silenceSeconds, self.canaryMilliseconds) = (silenceSeconds, canaryMilliseconds)
    }

    /// Judges what was found.
    mutating func judge(_ look: PipelineLook) -> PipelineStatus {
        begun = begun ?? look.now
        let exporter = look.services.first { $0.address.name == "metrics-exporter" && $0.isUp }?.metrics ?? Exposition()
        let isFresh = exporter.value("ids_redis_up") == 1
        if isFresh { take(exporter, now: look.now) }
        var status = PipelineStatus(
            time: look.time, canary: .init(intervalMilliseconds: canaryMilliseconds))
        (status.services, status.box, status.newestEvent) = (look.services, look.box, look.newestEvent)
        status.redis = redis(look, exporter)
        status.backpressure = exporter.value("ids_backpressure_level")
        status.deadLetters = exporter.value("ids_stream_entries", ["stream": StreamName.dead.rawValue])
        if let size = exporter.max("ids_ram_disk_size_bytes"), let used = exporter.max("ids_ram_disk_used_bytes") {
            status.box.disks.append(Box.Disk(name: "RAM disk", sizeBytes: size, usedBytes: used))
        }
        let used = StageKind.allCases.filter { isUsed($0, look, exporter) }
        if isFresh, canaryMilliseconds > 0 {
            status.canary.missing = canaries.missing(used, intervalMilliseconds: canaryMilliseconds, now: look.now)
        }
        status.canary.made = canaries.madeAt.map { look.time - (look.now - $0) }
        status.stages = used.map { stage($0, look, exporter, status) }
        conclude(&status)
        return status
    }

    // MARK: - What was counted

    private mutating func take(_ exporter: Exposition, now: Int64) {
        canaries.take(exporter, now: now)
        for kind in StageKind.allCases {
            guard let total = kind.total(in: exporter) else { continue }
            var count = counted[kind] ?? Counted()
            if let last = count.history.last {
                // A Redis that was emptied counts from 0.
                if total < last.total { count.history = [] }
                if total != last.total { count.changedAt = now }
            }
            count.history.append((now, total))
            while count.history.count > 2, now - count.history[1].at >= Self.rateNanoseconds {
                count.history.removeFirst()
            }
            counted[kind] = count
        }
    }

    private func rate(of kind: StageKind) -> Double? {
        guard let history = counted[kind]?.history, let first = history.first, let last = history.last,
            last.at > first.at
        else { return nil }
        return (last.total - first.total) / (Double(last.at - first.at) / 1e9)
    }

    /// A store is used when its shipper was seen, or when its group is in Redis; the rest always is.
    private func isUsed(_ kind: StageKind, _ look: PipelineLook, _ exporter: Exposition) -> Bool {
        guard case .store(let sink) = kind else { return true }
        return look.services.first { $0.address.name == kind.name }?.wasSeen ?? false
            || exporter.value("ids_group_lag_entries", ["group": sink.group]) != nil
    }

    private mutating func redis(_ look: PipelineLook, _ exporter: Exposition) -> PipelineStatus.RedisState {
        var state = PipelineStatus.RedisState(
            isUp: exporter.value("ids_redis_up").map { $0 == 1 },
            memoryBytes: exporter.value("ids_redis_memory_used_bytes"),
            memoryMaxBytes: exporter.value("ids_redis_memory_max_bytes").flatMap { $0 > 0 ? $0 : nil })
        if state.isUp == nil {
            let parts = look.services.flatMap(\.parts).filter { $0.name == "redis" }
            if !parts.isEmpty { state.isUp = parts.contains(where: \.isReady) }
        }
        redisDownSince = state.isUp == false ? redisDownSince ?? look.time : nil
        return state
    }

    // MARK: - One stage

    private mutating func stage(
        _ kind: StageKind, _ look: PipelineLook, _ exporter: Exposition, _ status: PipelineStatus
    ) -> PipelineStatus.Stage {
        var stage = PipelineStatus.Stage(kind: kind)
        stage.eventsPerSecond = rate(of: kind)
        stage.canaryMilliseconds = canaries.milliseconds(to: kind)
        switch kind {
        case .suricata: judgeSuricata(&stage, look, exporter)
        case .reader:
            stage.waiting = .init(bytes: exporter.sum("ids_unread_bytes"))
            judge(&stage, look, exporter, status)
        case .transformer, .store:
            stage.waiting = waiting(for: kind, exporter)
            judge(&stage, look, exporter, status)
        }
        if since[kind]?.state != stage.state { since[kind] = (stage.state, look.time) }
        stage.since = since[kind]?.time ?? look.time
        return stage
    }

    private func waiting(for kind: StageKind, _ exporter: Exposition) -> PipelineStatus.Stage.Waiting? {
        guard let stream = kind.stream?.rawValue, let group = kind.stage else { return nil }
        return .init(
            events: exporter.value("ids_group_lag_events", ["group": group]),
            batches: exporter.value("ids_group_lag_entries", ["group": group]),
            bytes: exporter.value("ids_stream_memory_bytes", ["stream": stream]),
            bytesMax: exporter.value("ids_stream_budget_bytes", ["stream": stream]),
            seconds: exporter.value("ids_group_lag_seconds", ["group": group]))
    }

    private func judgeSuricata(
        _ stage: inout PipelineStatus.Stage, _ look: PipelineLook, _ exporter: Exposition
    ) {
        guard let lastRead = exporter.max("ids_last_read_timestamp_seconds") else {
            (stage.state, stage.detail) = (.unknown, "nothing of it has come yet")
            return
        }
        let silence = Double(look.time) / 1e9 - lastRead
        // While the reader is stuck nobody knows what Suricata writes.
        let unread = exporter.sum("ids_unread_bytes") ?? 0
        guard silence > Double(silenceSeconds), unread == 0 else { return }
        stage.state = .stuck
        stage.detail = "it has written nothing for \(Self.duration(silence))"
        stage.advice = "See whether Suricata runs and on which interface: systemctl status suricata."
    }

    private func judge(
        _ stage: inout PipelineStatus.Stage, _ look: PipelineLook, _ exporter: Exposition, _ status: PipelineStatus
    ) {
        let kind = stage.kind
        let service = look.services.first { $0.address.name == kind.name }
        if let service, let fault = service.fault, !isProven(kind, service, look, exporter) {
            let isKnown = service.wasSeen || look.now - (begun ?? look.now) > Self.proofNanoseconds
            stage.detail = fault
            // Dead letters that are lost are bad, but events go on.
            let lacks = service.parts.filter { !$0.isReady }.map(\.name)
            stage.state = !isKnown ? .unknown : lacks == ["dead_letters"] ? .slow : .stuck
            stage.advice =
                service.isUp
                ? "The log of \(kind.name) tells more. Until then events wait, and none of them is lost."
                : "Start \(kind.name) again, and look at its log. Until then events wait, and none of them is lost."
            return
        }
        // Where other events pass, the canary only waits behind them.
        let isIdle = look.now - (counted[kind]?.changedAt ?? 0) > Self.idleNanoseconds
        if status.canary.missing == kind, isIdle {
            stage.state = .stuck
            stage.detail = "the canary\(kind == .reader ? " is no longer sent" : " has not passed it")"
            stage.advice = "Restart \(kind.name) when this does not pass by itself within a minute."
            return
        }
        guard let seconds = stage.waiting?.seconds, seconds > Self.lateSeconds else { return }
        stage.state = isIdle ? .stuck : .slow
        stage.detail =
            isIdle
            ? "batches have waited for \(Self.duration(seconds)) and none is taken"
            : "it is \(Self.duration(seconds)) behind"
        stage.advice =
            "It gets less of the processor or of the disk than it needs; its log and the figures of the box tell which."
    }

    /// Whether a service that was never reached works all the same: on another machine, say.
    private func isProven(
        _ kind: StageKind, _ service: ServiceState, _ look: PipelineLook, _ exporter: Exposition
    ) -> Bool {
        guard !service.wasSeen else { return false }
        if kind == .reader, let report = exporter.max("ids_sensor_report_timestamp_seconds"),
            Double(look.time) / 1e9 - report < Self.lateSeconds
        {
            return true
        }
        return counted[kind]?.changedAt.map { look.now - $0 < Self.proofNanoseconds } ?? false
    }

    // MARK: - The whole

    private func conclude(_ status: inout PipelineStatus) {
        let newest =
            status.newestEvent.map {
                "Newest event \(Self.duration(Double(status.time - $0) / 1e9)) old. "
            } ?? ""
        func stuck(at name: String, _ title: String, since: Int64, _ detail: String) {
            let time = Double(status.time - since) / 1e9
            status.state = .stuck
            (status.stuckAt, status.since) = (name, since)
            status.sentence = "\(newest)Stuck at \(title)\(time < 5 ? "" : " for \(Self.duration(time))"): \(detail)."
        }
        guard status.services.contains(where: { $0.wasSeen && $0.address.name != Self.own }) else {
            status.sentence = "\(newest)No service of the pipeline answers, so whether events flow is not known."
            status.advice = "The setting pipeline.services says where they are looked for."
            return
        }
        if let redisDownSince {
            stuck(at: "redis", "Redis", since: redisDownSince, "the services cannot reach it")
            status.advice = "Start Redis again: the services go on by themselves, and none of the events is lost."
        } else if let stage = status.stages.last(where: { $0.state == .stuck }) {
            stuck(at: stage.kind.name, stage.kind.title, since: stage.since, stage.detail ?? "it does not get on")
            status.advice =
                status.backpressure == 3
                ? "The RAM disk is nearly full, and events will soon be lost. \(stage.advice ?? "")" : stage.advice
        } else if let stage = status.stages.last(where: { $0.state == .unknown && $0.kind != .suricata }) {
            status.sentence = "\(newest)Whether events flow is not known: \(stage.kind.title): \(stage.detail ?? "")."
            status.advice = stage.advice
        } else if status.stages.first?.state == .unknown, status.newestEvent == nil {
            status.state = .waiting
            status.sentence = "Everything is ready and waits for the first event."
        } else {
            status.state = .flows
            let slow = status.stages.last { $0.state == .slow }
            let rate = status.stages.first { $0.kind == .reader }?.eventsPerSecond
            let age = status.newestEvent.map { time in
                let seconds = Double(status.time - time) / 1e9
                return seconds < 5 ? ": the newest is of this moment" : ": the newest is \(Self.duration(seconds)) old"
            }
            status.sentence =
                slow.map { "Events flow, but slowly at \($0.kind.title): \($0.detail ?? "")." }
                ?? "Events flow\(age ?? "")\(rate.map { ", \(Self.rateText($0)) come in a second" } ?? "")."
            status.advice = slow?.advice
        }
    }

    private static func rateText(_ rate: Double) -> String {
        rate >= 10 ? "\(Int(rate.rounded()))" : "\((rate * 10).rounded() / 10)"
    }

    /// `40 s`, `4 min`, `3 h`, `12 d`.
    static func duration(_ seconds: Double) -> String {
        let seconds = Int(max(0, min(seconds, 1e12)))
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
