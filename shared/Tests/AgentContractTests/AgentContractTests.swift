import Foundation
import JSON
import Testing

@testable import AgentContract

@Suite("Agent contract")
struct AgentContractTests {
    private static let host = HostFacts(
        name: "ids", model: "Raspberry Pi 5 Model B Rev 1.0", system: "Debian GNU/Linux 13 (trixie)",
        kernel: "6.12.47+rpt-rpi-2712", bootedAt: 1_764_300_000, processors: 4, pageBytes: 16_384,
        memoryBytes: 8_589_934_592, memoryAvailableBytes: 5_000_000_000, temperatureCelsius: 61.5,
        warnings: ["The voltage was too low since the start."],
        disks: [HostFacts.Disk(path: "/", bytes: 64_000_000_000, freeBytes: 40_000_000_000)])
    private static let job = AgentJob(
        id: "j1", title: "restart service:eve-reader", state: .failed, user: "ana", startedAt: 1, endedAt: 3,
        deadlineAt: 60, reason: "it did not become ready", lines: ["stopped", "started"])
    private static let state = AgentState(
        version: "0.1.0", host: host,
        workloads: [
            Workload(
                kind: .unit, name: "suricata.service", about: "Suricata IDS", state: .running,
                detail: "active (running)", since: 1_764_300_010, restarts: 2, memoryBytes: 1, target: .suricata),
            Workload(
                kind: .container, name: "redis", about: "redis:8", state: .stopped, detail: "Exited (0)", since: nil,
                cores: 0.25, memoryBytesMax: 2, target: nil),
        ], jobs: [job])

    private func read<Value>(_ bytes: [UInt8], _ body: (JSONNode) throws -> Value) throws -> Value {
        var tree = JSONTree()
        return try bytes.withUnsafeBytes { try body(try tree.parse($0)) }
    }

    @Test("what one side writes the other reads")
    func bothSides() throws {
        #expect(try read(JSONWriter.bytes(of: Self.state)) { try AgentState($0) } == Self.state)
    }

    @Test(
        "verbs are read as they were written",
        arguments: [
            AgentVerb.restart(.suricata), .restart(.agent), .restart(.stack), .restart(.service("eve-reader")),
            .applyConfiguration(revision: 7), .run(phase: .C),
        ])
    func verbs(verb: AgentVerb) throws {
        let back = try read(verb.body(by: "ana \"x\"")) { (AgentVerb(path: verb.path, body: $0), $0["by"]?.string) }
        #expect(back.0 == verb && back.1 == "ana \"x\"")
    }

    @Test(
        "nothing but the targets of the contract is a target",
        arguments: [
            "", "SURICATA", "service:", "service:../x", "service:-rf", "service:a b", "service:a\n", "service:ä",
            "service:Redis", "service:" + String(repeating: "a", count: 64), "docker.service",
        ])
    func noTargets(text: String) throws {
        #expect(AgentTarget(text) == nil)
        let body = JSONWriter.object { $0.member("target", text) }
        #expect(try read(body) { AgentVerb(path: "/v1/restart", body: $0) } == nil)
    }

    @Test("a path that is no verb is none", arguments: ["/v1/phases/H/run", "/v1/phases/A", "/v1/state", ""])
    func noVerbs(path: String) throws {
        #expect(try read(Array(#"{"target":"stack","revision":1}"#.utf8)) { AgentVerb(path: path, body: $0) } == nil)
    }

    @Test("a later agent may say more, and texts are cut and without control characters")
    func laterAgents() throws {
        let job = AgentJob(
            id: "j", title: "a\u{1b}[31m", state: .running, user: "ana", startedAt: 1, deadlineAt: 2,
            lines: [String(repeating: "x", count: 5_000)])
        var text = String(decoding: JSONWriter.bytes(of: job), as: UTF8.self)
        text.replaceSubrange(text.startIndex...text.startIndex, with: #"{"more":{"x":[1]},"#)
        let back = try read(Array(text.utf8)) { try AgentJob($0) }
        #expect(back.title == "a [31m" && back.lines[0].utf8.count == AgentContract.textBytesMax)
    }

    @Test(
        "an answer of another form is refused with the member's name",
        arguments: [
            ("\"state\":\"failed\"", "\"state\":\"exploded\"", "state"), ("\"id\":\"j1\"", "\"id\":1", "id"),
            ("\"deadline_at\":60", "\"deadline_at\":-60", "deadline_at"),
            ("\"lines\":[", "\"lines\":[7,", "lines"), ("\"ended_at\":3", "\"ended_at\":\"3\"", "ended_at"),
        ])
    func otherForms(part: String, other: String, member: String) throws {
        let text = String(decoding: JSONWriter.bytes(of: Self.job), as: UTF8.self)
        let range = try #require(text.range(of: part))
        let wrong = Array(text.replacingCharacters(in: range, with: other).utf8)
        #expect(throws: AgentContractError(member: member)) { try read(wrong) { try AgentJob($0) } }
    }

    @Test("more than the contract allows is refused")
    func tooMany() throws {
        var state = Self.state
        state.jobs = Array(repeating: Self.job, count: AgentContract.jobsMax + 1)
        let bytes = JSONWriter.bytes(of: state)
        #expect(throws: AgentContractError(member: "jobs")) { try read(bytes) { try AgentState($0) } }
    }
}
