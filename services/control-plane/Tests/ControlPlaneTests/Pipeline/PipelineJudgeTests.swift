import EventContract
import Settings
import Testing

@testable import ControlPlane

@Suite("Whether events flow")
struct PipelineJudgeTests {
    private static let second: Int64 = 1_000_000_000
    private var judge = PipelineJudge(silenceSeconds: 300, canaryMilliseconds: 60_000)
    private var now: Int64 = 1_000 * second
    private var services = ["eve-reader", "ecs-transformer", "local-store", "metrics-exporter"]
    private var shown: [String: Double] = [
        "ids_redis_up": 1, "ids_events_read_total": 100, "ids_events_mapped_total": 100,
        "ids_events_stored_total{group=\"local\"}": 100, "ids_unread_bytes{sensor=\"home\"}": 0,
        "ids_group_lag_entries{group=\"ecs-transformer\"}": 0, "ids_group_lag_seconds{group=\"ecs-transformer\"}": 0,
        "ids_group_lag_entries{group=\"local\"}": 0, "ids_group_lag_seconds{group=\"local\"}": 0,
    ]
    private var faults: [String: String] = [:]
    private var lastRead: Int64?

    /// Looks some seconds later.
    private mutating func look(after seconds: Int64 = 5) -> PipelineStatus {
        now += seconds * Self.second
        if let lastRead { shown["ids_last_read_timestamp_seconds{sensor=\"home\"}"] = Double(lastRead / Self.second) }
        let text = shown.map { "\($0.key) \($0.value)\n" }.joined()
        let states = services.map { name in
            var state = ServiceState(address: ServiceAddress(name: name, host: "127.0.0.1", port: 1))
            (state.wasSeen, state.silence) = (true, faults[name] == "silent" ? "nothing answers at 127.0.0.1:1" : nil)
            state.isReady = faults[name] == nil
            if let fault = faults[name], state.isUp {
                state.parts = [.init(name: "store", isReady: false, text: fault)]
            }
            if name == "metrics-exporter" { state.metrics = Exposition(Array(text.utf8)) }
            return state
        }
        return judge.judge(PipelineLook(time: now, now: now, services: states, newestEvent: lastRead))
    }

    /// Events pass all stages, and a canary every time.
    private mutating func flow(_ count: Double = 10) {
        lastRead = now
        for (name, value) in shown where name.contains("_total") { shown[name] = value + count }
    }

    @Test("while events pass every stage, they flow, and their rate is told")
    mutating func flows() {
        _ = look()
        for _ in 0..<4 {
            flow(20)
            #expect(look().state == .flows)
        }
        let status = look(after: 0)
        #expect(status.stages.map(\.kind) == [.suricata, .reader, .transformer, .store(.sqlite)])
        #expect(status.stages[1].eventsPerSecond == 4)
        #expect(status.sentence == "Events flow: the newest is 5 s old, 4.0 come in a second.")
        #expect(status.stuckAt == nil && status.advice == nil)
    }

    @Test("of several stages that are stuck the last one is the cause, since when it is, and for what reason")
    mutating func cause() {
        flow()
        _ = look()
        faults = ["local-store": "403 from OpenSearch", "ecs-transformer": "the stream is full"]
        let began = look().time
        let status = look(after: 240)
        #expect(status.state == .stuck && status.stuckAt == "local-store" && status.since == began)
        #expect(status.sentence == "Newest event 4 min old. Stuck at local-store for 4 min: 403 from OpenSearch.")
        #expect(status.advice != nil)
        faults = [:]
        flow()
        #expect(look().state == .flows)
    }

    @Test("a service that no longer answers is named at once")
    mutating func silent() {
        flow()
        _ = look()
        faults = ["ecs-transformer": "silent"]
        #expect(look().sentence == "Newest event 10 s old. Stuck at ecs-transformer: nothing answers at 127.0.0.1:1.")
    }

    @Test("batches that wait are slow while some are taken, and stuck when none is")
    mutating func late() {
        flow()
        _ = look()
        shown["ids_group_lag_seconds{group=\"local\"}"] = 90
        flow()
        #expect(look().stages.last?.state == .slow)
        #expect(look().state == .flows)
        #expect(look(after: 31).stuckAt == "local-store")
    }

    @Test("Suricata is silent when nothing has come for a while, and nothing is unread")
    mutating func silence() {
        flow()
        #expect(look().state == .flows)
        let status = look(after: 301)
        #expect(status.stuckAt == "suricata" && status.sentence.hasSuffix("it has written nothing for 5 min."))
        shown["ids_unread_bytes{sensor=\"home\"}"] = 100
        #expect(look().stuckAt == nil)
    }

    @Test("before the first event everything waits; without any service nothing is known")
    mutating func beginning() {
        #expect(look().state == .waiting)
        let nothing = PipelineLook(time: now, now: now, services: [])
        #expect(judge.judge(nothing).state == .unknown)
    }

    @Test("a Redis that the services cannot reach is the cause of all")
    mutating func redis() {
        flow()
        _ = look()
        shown["ids_redis_up"] = 0
        faults = ["local-store": "Redis cannot be used"]
        #expect(look().stuckAt == "redis")
    }

    @Test("a canary that passes is timed at each stage, and one that does not names the stage")
    mutating func canary() {
        let stages = ["eve-reader", "ecs-transformer", "local"]
        func count(_ stage: String) -> String { "ids_canaries_total{stage=\"\(stage)\"}" }
        func seconds(_ stage: String) -> String { "ids_canary_seconds_total{stage=\"\(stage)\"}" }
        for stage in stages { (shown[count(stage)], shown[seconds(stage)]) = (7, 1) }
        lastRead = now
        _ = look()
        for (stage, time) in zip(stages, [0, 0.2, 0.5]) {
            shown[count(stage)] = 8
            shown[seconds(stage)] = 1 + time
        }
        let passed = look()
        #expect(passed.stages.map(\.canaryMilliseconds) == [nil, 0, 200, 500])
        #expect(passed.canary.made == passed.time && passed.canary.missing == nil)

        shown[count("eve-reader")] = 9
        shown[count("ecs-transformer")] = 9
        #expect(look().canary.missing == nil)
        let status = look(after: 31)
        #expect(status.canary.missing == .store(.sqlite) && status.stuckAt == "local-store")
        #expect(status.sentence.contains("the canary has not passed it"))
        shown[count("local")] = 9
        #expect(look().state == .flows)

        #expect(look(after: 200).canary.missing == .reader)
    }

    @Test("a canary behind many events makes its stage slow and not stuck")
    mutating func canaryInAQueue() {
        for stage in ["eve-reader", "ecs-transformer", "local"] { shown["ids_canaries_total{stage=\"\(stage)\"}"] = 7 }
        lastRead = now
        _ = look()
        for stage in ["eve-reader", "ecs-transformer"] { shown["ids_canaries_total{stage=\"\(stage)\"}"] = 8 }
        _ = look()
        shown["ids_group_lag_seconds{group=\"local\"}"] = 90
        shown["ids_events_stored_total{group=\"local\"}"] = 120
        lastRead = now
        let status = look(after: 31)
        #expect(status.canary.missing == .store(.sqlite))
        #expect(status.stages[3].state == .slow && status.state == .flows && status.stuckAt == nil)
        // Then nothing passes any more.
        lastRead = now
        #expect(look(after: 31).stuckAt == "local-store")
    }

    @Test("a canary that is lost for good is forgotten when the next one passes")
    mutating func lost() {
        var track = CanaryTrack()
        let stages = StageKind.allCases
        func take(_ reader: Int, _ store: Int, at second: Int64) {
            let text =
                "ids_canaries_total{stage=\"eve-reader\"} \(reader)\nids_canaries_total{stage=\"local\"} \(store)\n"
            track.take(Exposition(Array(text.utf8)), now: second * Self.second)
        }
        func missing(at second: Int64) -> StageKind? {
            track.missing(stages, intervalMilliseconds: 60_000, now: second * Self.second)
        }
        take(3, 1, at: 0)
        take(4, 1, at: 10)
        #expect(missing(at: 41) == .store(.sqlite))
        take(5, 2, at: 70)
        #expect(missing(at: 110) == nil)
    }
}
