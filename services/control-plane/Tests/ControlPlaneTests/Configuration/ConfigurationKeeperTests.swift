import Configuration
import Foundation
import Logging
import ServiceTesting
import Synchronization
import Testing

@testable import ControlPlane

/// Services as a test wants them.
private final class FakeServices: SettingsWatch, ServiceRestarts {
    struct RefusedError: Error, CustomStringConvertible {
        let description = "there is no such service"
    }

    struct State {
        var started = ["reader": 1, "mapper": 1, "control-plane": 1]
        var refused: String?
        var names = ["reader", "control-plane"]
        var isReady = true
        var canRestart = false
        /// Asked to start anew, they take their time.
        var isHanging = false
        var restarted: [String] = []
        var looks = 0
    }

    let state = Mutex(State())

    func look() -> [SettingsInForce] {
        state.withLock { state in
            state.looks += 1
            return state.names.map { name in
                var look = SettingsInForce(service: name)
                look.started = String(state.started[name] ?? 0)
                look.isReady = name == "control-plane" || state.isReady
                look.keys = ["log.level": "file", "log.format": "environment LOG_FORMAT"]
                look.keys[name == "reader" ? "eve_reader.batch_events" : "web.data_dir"] = "default"
                return look
            }
        }
    }

    var isPossible: Bool { state.withLock { $0.canRestart } }

    func restart(_ service: String, by user: String) throws {
        try state.withLock { state in
            if service == state.refused { throw RefusedError() }
            state.restarted.append(service)
            if !state.isHanging { state.started[service, default: 0] += 1 }
        }
    }
}

@Suite("Keeping a configuration")
struct ConfigurationKeeperTests {
    private let folder: TemporaryDirectory
    private let services = FakeServices()
    private var path: String { folder.path + "/config.yaml" }

    init() throws {
        folder = try TemporaryDirectory("configuration")
        try Data("log:\n  level: info\n".utf8).write(to: URL(filePath: path))
    }

    private func keeper() throws -> ConfigurationKeeper {
        try ConfigurationKeeper(
            path: path, folder: folder.path + "/revisions", patienceSeconds: 2, watch: services, restarts: services,
            logger: .silent)
    }

    private func apply(_ text: String, by keeper: ConfigurationKeeper) throws -> Revision {
        try keeper.apply(
            ConfigurationText(text, path: path), over: try keeper.current().tag, user: "ana", note: "", record: { _ in }
        )
    }

    private var content: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    @Test func whatNoServiceTakesFromTheFileIsKeptAtOnce() throws {
        let keeper = try keeper()
        let revision = try apply("log:\n  level: info\n  format: json\n", by: keeper)
        #expect((revision.state, revision.watched, keeper.trial == nil) == (.kept, [], true))
        #expect(content.contains("json"))
    }

    @Test func whatIsNotRecordedIsNotDone() throws {
        let keeper = try keeper()
        struct NoSpaceError: Error {}
        #expect(throws: NoSpaceError.self) {
            try keeper.apply(
                ConfigurationText("", path: path), over: try keeper.current().tag, user: "ana", note: "",
                record: { _ in throw NoSpaceError() })
        }
        #expect(content == "log:\n  level: info\n")
        #expect(keeper.trial == nil)
    }

    @Test func onlyServicesThatTakeAKeyFromTheFileAreWatched() throws {
        let keeper = try keeper()
        let revision = try apply("log:\n  level: info\neve_reader:\n  batch_events: 3\n", by: keeper)
        #expect(revision.watched == [.init(service: "reader", startedBefore: "1")])
    }

    @Test func aServiceThatWasNotReadyBeforeIsNotJudged() throws {
        services.state.withLock { $0.isReady = false }
        #expect(try apply("log:\n  level: info\neve_reader:\n  batch_events: 3\n", by: try keeper()).state == .kept)
    }

    @Test func theAgentStartsAllAnewAndControlPlaneLast() throws {
        services.state.withLock { $0.canRestart = true }
        let keeper = try keeper()
        _ = try apply("log:\n  level: debug\n", by: keeper)
        let deadline = Date(timeIntervalSinceNow: 30)
        while keeper.trial != nil, Date() < deadline {
            keeper.round()
            Thread.sleep(forTimeInterval: 0.1)
        }
        #expect(services.state.withLock { $0.restarted } == ["reader", "control-plane"])
        #expect(keeper.revisions().first?.state == .kept)
    }

    @Test func theNextServiceStartsAnewWhenTheOneBeforeIsReady() throws {
        services.state.withLock { ($0.canRestart, $0.isReady, $0.names) = (true, true, ["reader", "mapper"]) }
        let keeper = try keeper()
        _ = try apply("log:\n  level: debug\n", by: keeper)
        services.state.withLock { $0.isReady = false }
        for _ in 0..<3 { keeper.round() }
        #expect(services.state.withLock { $0.restarted } == ["reader"])
        services.state.withLock { $0.isReady = true }
        keeper.round()
        #expect(services.state.withLock { $0.restarted } == ["reader", "mapper"])
    }

    @Test func aServiceThatTheAgentDoesNotStartAnewSaysWhyAndHoldsUpNoOther() throws {
        services.state.withLock { ($0.canRestart, $0.refused, $0.names) = (true, "reader", ["reader", "mapper"]) }
        let keeper = try keeper()
        _ = try apply("log:\n  level: debug\n", by: keeper)
        for _ in 0..<3 { keeper.round() }
        #expect(services.state.withLock { $0.restarted } == ["mapper"])
        let waiting = try #require(keeper.trial?.services.first)
        #expect(waiting == .init(name: "reader", course: .waiting, reason: "there is no such service"))
    }

    @Test func aServiceThatWasAskedAndDoesNotStartAnewSaysSo() throws {
        services.state.withLock { ($0.canRestart, $0.isHanging, $0.names) = (true, true, ["reader", "mapper"]) }
        let keeper = try keeper()
        _ = try apply("log:\n  level: debug\n", by: keeper)
        let deadline = Date(timeIntervalSinceNow: 30)
        while services.state.withLock({ $0.restarted.count }) < 2, Date() < deadline {
            keeper.round()
            Thread.sleep(forTimeInterval: 0.1)
        }
        #expect(services.state.withLock { $0.restarted } == ["reader", "mapper"])
        #expect(keeper.trial?.services.first?.reason == "it was asked to start anew, and has not within 2 s")
    }

    @Test func aTrialThatIsTakenBackLeavesTheTextOfBeforeAndANumberOfItsOwn() throws {
        let keeper = try keeper()
        let first = try apply("log:\n  level: debug\n", by: keeper)
        #expect(try keeper.end(first.number, keeping: false, record: { _ in }).state == .rolledBack)
        #expect(content == "log:\n  level: info\n")
        let second = try apply("log:\n  level: error\n", by: keeper)
        #expect(second.number == first.number + 1)
        #expect(second.base == first.base)
    }

    @Test func aRevisionThatWasNotWrittenBeforeAKillIsNotKept() throws {
        _ = try apply("log:\n  level: debug\n", by: try keeper())
        // As if the process had ended between the revision and the file.
        try Data("log:\n  level: info\n".utf8).write(to: URL(filePath: path))
        let next = try keeper()
        services.state.withLock { $0.started = ["reader": 2, "control-plane": 2] }
        next.round()
        #expect(next.trial == nil)
        #expect(next.revisions().first?.state == .rolledBack)
        #expect(content == "log:\n  level: info\n")
    }

    @Test func aFileThatCannotBeWrittenLeavesNoTrial() throws {
        let keeper = try keeper()
        // The new file is made beside the old one.
        try FileManager.default.createDirectory(atPath: path + ".new", withIntermediateDirectories: false)
        #expect(throws: ConfigurationKeeper.Fault.self) { try apply("log:\n  level: debug\n", by: keeper) }
        #expect((keeper.trial == nil, keeper.revisions().first?.state) == (true, .rolledBack))
        #expect(try self.keeper().trial == nil)
    }

    @Test func whatSomebodyWritesDuringATrialStays() throws {
        let keeper = try keeper()
        let revision = try apply("log:\n  level: debug\n", by: keeper)
        try Data("log:\n  level: error\n".utf8).write(to: URL(filePath: path))
        keeper.round()
        #expect(keeper.trial == nil)
        #expect(try keeper.revision(revision.number).revision.state == .rolledBack)
        #expect(content == "log:\n  level: error\n")
    }

    @Test func aServiceThatMayHaveReadTheFileStartsAnewAfterTheWayBack() throws {
        services.state.withLock { ($0.canRestart, $0.isHanging) = (true, true) }
        let keeper = try keeper()
        let revision = try apply("log:\n  level: debug\n", by: keeper)
        keeper.round()
        _ = try keeper.end(revision.number, keeping: false, record: { _ in })
        #expect(services.state.withLock { $0.restarted } == ["reader", "reader"])
    }

    @Test func withoutAnAgentTheReasonSaysWhatHasToStartAnew() throws {
        let keeper = try keeper()
        let revision = try apply("log:\n  level: debug\n", by: keeper)
        services.state.withLock { $0.started["reader"] = 2 }
        keeper.round()
        #expect(
            try keeper.end(revision.number, keeping: false, record: { _ in }).reason
                == "taken back by hand; to be started anew: reader")
    }

    @Test func whoAsksAllTheTimeIsToldWhatWasSeenAMomentAgo() throws {
        let keeper = try keeper()
        for _ in 0..<100 { _ = keeper.services() }
        #expect(services.state.withLock { $0.looks } < 100)
        // A change is made of what is now.
        services.state.withLock { $0.started["reader"] = 7 }
        #expect(try apply("log:\n  level: debug\n", by: keeper).watched.first?.startedBefore == "7")
        #expect(keeper.services().first?.started == "7")
    }

    @Test func theFolderOfAccountsAndRevisionsIsNotChangedFromHere() throws {
        let keeper = try keeper()
        #expect(throws: ConfigurationKeeper.Fault.self) { try apply("web:\n  data_dir: /tmp/other\n", by: keeper) }
        #expect(keeper.revisions().allSatisfy { $0.state == .found })
    }

    @Test func revisionsBeyondTheBoundGo() throws {
        let keeper = try keeper()
        for number in 0..<(RevisionFolder.countMax + 5) {
            _ = try apply("log:\n  level: info\n  format: json # \(number)\n", by: keeper)
        }
        #expect(keeper.revisions().count == RevisionFolder.countMax)
        #expect(throws: ConfigurationKeeper.Fault.self) { try keeper.revision(1) }
    }

    @Test func aFileWithoutRightsIsNoFileOfSomebodyElseAfterwards() throws {
        let keeper = try keeper()
        #expect(chmod(path, 0o600) == 0)
        _ = try apply("log:\n  format: json\n", by: keeper)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aFileThatIsNotThereIsAnEmptyOne() throws {
        try FileManager.default.removeItem(atPath: path)
        let keeper = try keeper()
        #expect(try keeper.current().text.text == "")
        _ = try apply("log:\n  format: json\n", by: keeper)
        #expect(content == "log:\n  format: json\n")
    }
}

@Suite("The effect of batches")
struct BatchMeasureTests {
    private func look(_ service: String, _ metrics: String) -> SettingsInForce {
        var look = SettingsInForce(service: service)
        look.work = BatchMeasure.Work(Exposition(Array(metrics.utf8), wanted: BatchMeasure.Work.names))
        return look
    }

    private let reader = """
        process_cpu_seconds_total 2
        ids_eve_reader_events_total 1000
        ids_eve_reader_batches_total 10

        """

    @Test func isMeasuredOverAllServices() throws {
        let mapper = """
            process_cpu_seconds_total 8
            ids_ecs_transformer_events_total{event_type="dns"} 1500
            ids_ecs_transformer_events_total{event_type="tls"} 500

            """
        let shipper = """
            process_cpu_seconds_total 1
            ids_opensearch_shipper_documents_stored_total 1000
            ids_opensearch_shipper_end_to_end_seconds_sum 5
            ids_opensearch_shipper_end_to_end_seconds_count 10

            """
        let exporter = "process_cpu_seconds_total 100\n"
        let measure = try #require(
            BatchMeasure([
                look("eve-reader", reader), look("ecs-transformer", mapper), look("local-store", shipper),
                look("metrics-exporter", exporter),
            ]))
        #expect((measure.events, measure.eventsPerBatch, measure.delaySeconds) == (1000, 100, 0.5))
        #expect(measure.cpuSecondsPerMillion == 7_000)
    }

    @Test func fewEventsTellNothing() {
        #expect(
            BatchMeasure([look("eve-reader", "process_cpu_seconds_total 1\nids_eve_reader_events_total 9\n")]) == nil)
        #expect(BatchMeasure([]) == nil)
        #expect(BatchMeasure([look("eve-reader", reader)])?.delaySeconds == nil)
    }
}
