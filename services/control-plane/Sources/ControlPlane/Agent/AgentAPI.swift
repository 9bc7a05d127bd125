import APIDescription
import AgentContract
import CivilTime
import HTTPServer
import HTTPTypes
import JSON

/// The host, its units and containers, and how they are started anew, as operations of the API.
///
/// Without an agent the lists are empty and say so, and nothing can be started.
struct AgentAPI: Sendable {
    let agent: AgentClient
    let accounts: Accounts

    /// Statuses of the agent that are the API's own answers; 409 also where there is no agent.
    static let refusals: [HTTPStatus] = [.notFound, .conflict]

    var operations: [Operation] { lists + restarts }

    // MARK: - What there is

    private var lists: [Operation] {
        [
            Operation(
                .get, "/services", id: "listServices", "Lists the services of the suite, and whether each works.",
                access: .role(.viewer), returns: [Self.known("services", .array(of: Self.workload), "The services.")],
                .blocking { _ in
                    answer("services") { state, json in
                        json.array { list in
                            for workload in state?.workloads ?? [] {
                                if case .service(let name)? = workload.target {
                                    list.object { Self.write(workload, name: name, to: &$0) }
                                }
                            }
                        }
                    }
                }),
            Operation(
                .get, "/host", id: "getMachine", "Shows the machine.", access: .role(.viewer),
                returns: [Self.known("host", .nullable(Self.host), "The machine.")],
                .blocking { _ in
                    answer("host") { state, json in
                        if let host = state?.host { Self.write(host, to: &json) } else { json.json("null") }
                    }
                }),
            workloads("/host/units", id: "listUnits", "Lists units of systemd.", .unit),
            workloads("/host/containers", id: "listContainers", "Lists containers.", .container),
            Operation(
                .get, "/host/logs", id: "getLogs", "Shows what something has logged, the newest line last.",
                access: .role(.admin), parameters: [Self.target, Self.lines],
                returns: [.init(.ok, "The lines.", .json(.object([.required("lines", .array(of: .text()))])))],
                errors: Self.refusals,
                .blocking { call in
                    let (target, count) = (try call[Self.target], try call[Self.lines])
                    let lines = try asked { () throws(AgentError) in try agent.logs(of: target, lines: count) }
                    return .json { $0.member("lines", lines) }
                }),
            Operation(
                .get, "/jobs", id: "listJobs", "Lists what was begun on the host, the newest first.",
                access: .role(.viewer), returns: [Self.known("jobs", .array(of: Self.job), "The jobs.")],
                .blocking { _ in
                    answer("jobs") { state, json in
                        json.array { list in
                            for job in state?.jobs ?? [] { list.object { Self.write(job, to: &$0) } }
                        }
                    }
                }),
            Operation(
                .get, "/jobs/{id}", id: "getJob", "Shows how far something is that was begun on the host.",
                access: .role(.viewer), parameters: [Self.id], returns: [.init(.ok, "The job.", .json(Self.job))],
                errors: Self.refusals,
                .blocking { call in
                    let id = try call[Self.id]
                    let job = try asked { () throws(AgentError) in try agent.job(id) }
                    return .json { Self.write(job, to: &$0) }
                }),
        ]
    }

    private func workloads(_ path: String, id: String, _ summary: String, _ kind: Workload.Kind) -> Operation {
        let name = "\(kind)s"
        return Operation(
            .get, path, id: id, summary, access: .role(.viewer),
            returns: [Self.known(name, .array(of: Self.workload), "All that the agent knows.")],
            .blocking { _ in
                answer(name) { state, json in
                    json.array { list in
                        for workload in state?.workloads ?? [] where workload.kind == kind {
                            list.object { Self.write(workload, name: workload.name, to: &$0) }
                        }
                    }
                }
            })
    }

    // MARK: - What can be done

    private var restarts: [Operation] {
        [
            Operation(
                .post, "/services/{name}/restart", id: "restartService", "Starts a service of the suite anew.",
                access: .role(.admin), parameters: [Self.service], body: .json(.object([]), bytesMax: 1_024),
                returns: [.init(.accepted, "It is begun; the job tells how far it is.", .json(Self.job))],
                errors: Self.refusals,
                .blocking { call in try restart(try call[Self.service], call) }),
            Operation(
                .post, "/host/restart", id: "restartOnHost",
                "Starts Suricata, the agent or the whole stack anew; the stack wants the password again.",
                access: .role(.admin),
                body: .json(.object([.required("target", .choice(["suricata", "agent", "stack"]))]), bytesMax: 1_024),
                returns: [.init(.accepted, "It is begun; the job tells how far it is.", .json(Self.job))],
                errors: Self.refusals,
                .blocking { call in
                    guard let target = try call.body({ $0["target"]?.string.flatMap(AgentTarget.init) }) else {
                        throw Problem(.unprocessableContent, "/target must be a target", part: "/target").refusal
                    }
                    if target == .stack { _ = try accounts.confirmed(call) }
                    return try restart(target, call)
                }),
        ]
    }

    private func restart(_ target: AgentTarget, _ call: Call) throws -> Answer {
        let record = { (result: String) in
            try accounts.audit.record("restart", target.description, result: result, by: call)
        }
        do throws(AgentError) {
            // Not even asked for while there is nobody to ask, so that the log has no restart that was none.
            _ = try agent.state()
        } catch {
            try record(error.description)
            throw error.problem.refusal
        }
        try record("done")
        do throws(AgentError) {
            let job = try agent.begin(.restart(target), by: call.caller?.name ?? "")
            return .json(.accepted) { Self.write(job, to: &$0) }
        } catch {
            try record(error.description)
            throw error.problem.refusal
        }
    }

    /// What the agent says; why it does not becomes an answer.
    private func asked<Value>(_ ask: () throws(AgentError) -> Value) throws -> Value {
        do throws(AgentError) {
            return try ask()
        } catch {
            throw error.problem.refusal
        }
    }

    // MARK: - Answers

    /// An answer with what is known, or with why nothing is.
    private func answer(_ name: String, _ write: (AgentState?, inout JSONWriter) -> Void) -> Answer {
        let state = Result { () throws(AgentError) in try agent.state() }
        return .json { json in
            json.object("agent") { object in
                switch state {
                case .success(let state):
                    object.member("state", "present")
                    object.member("version", state.version)
                    object.member("detail", String?.none)
                case .failure(let error):
                    object.member("state", error.code == .absent ? "absent" : "failing")
                    object.member("version", String?.none)
                    object.member("detail", error.description)
                }
            }
            json.name(name)
            write(try? state.get(), &json)
        }
    }

    private static func write(_ workload: Workload, name: String, to json: inout JSONWriter) {
        json.member("kind", workload.kind.rawValue)
        json.member("name", name)
        json.member("about", workload.about)
        json.member("state", workload.state.rawValue)
        json.member("detail", workload.detail)
        json.member("since", workload.since.map(time))
        json.member("restarts", workload.restarts)
        json.member("cores", workload.cores)
        json.member("memory_bytes", workload.memoryBytes)
        json.member("memory_bytes_max", workload.memoryBytesMax)
        json.member("target", workload.target?.description)
    }

    private static func write(_ host: HostFacts, to json: inout JSONWriter) {
        json.object { json in
            json.member("name", host.name)
            json.member("model", host.model)
            json.member("system", host.system)
            json.member("kernel", host.kernel)
            json.member("booted", time(host.bootedAt))
            json.member("processors", host.processors)
            json.member("page_bytes", host.pageBytes)
            json.member("memory_bytes", host.memoryBytes)
            json.member("memory_available_bytes", host.memoryAvailableBytes)
            json.member("temperature_celsius", host.temperatureCelsius)
            json.member("warnings", host.warnings)
            json.array("disks") { list in
                for disk in host.disks {
                    list.object { object in
                        object.member("path", disk.path)
                        object.member("bytes", disk.bytes)
                        object.member("free_bytes", disk.freeBytes)
                    }
                }
            }
        }
    }

    private static func write(_ job: AgentJob, to json: inout JSONWriter) {
        json.member("id", job.id)
        json.member("title", job.title)
        json.member("state", job.state.rawValue)
        json.member("user", job.user)
        json.member("started", time(job.startedAt))
        json.member("ended", job.endedAt.map(time))
        json.member("deadline", time(job.deadlineAt))
        json.member("reason", job.reason)
        json.member("lines", job.lines)
    }

    private static func time(_ seconds: Int64) -> String {
        UTCTimestamp(seconds: seconds).description
    }

    // MARK: - Forms

    private static let id = Parameter("id", in: .path, .text(bytesMax: 64), "The name of a job.")
    private static let service = Parameter(
        "name", in: .path,
        ParameterForm<AgentTarget>(.text(bytesMax: 63)) { AgentTarget("service:" + $0) }, "The service's name.")
    private static let target = Parameter(
        "target", in: .query, ParameterForm<AgentTarget>(.text(bytesMax: 80)) { AgentTarget($0) },
        "Whose: suricata, agent, or service:NAME.")
    private static let lines = Parameter(
        "lines", in: .query, .integer(1...AgentContract.logLinesMax), default: 100, "How many lines at most.")

    private static let moment = JSONSchema.text(format: "date-time")

    private static func known(_ name: String, _ schema: JSONSchema, _ meaning: String) -> Operation.Success {
        .init(.ok, meaning, .json(.object([.required("agent", agentSchema), .required(name, schema)])))
    }

    private static let agentSchema = JSONSchema.named(
        "Agent",
        .object([
            .required("state", .choice(["present", "absent", "failing"])), .required("version", .nullable(.text())),
            .required("detail", .nullable(.text())),
        ]))
    private static let workload = JSONSchema.named(
        "Workload",
        .object([
            .required("kind", .choice(Workload.Kind.allCases.map(\.rawValue))), .required("name", .text()),
            .required("about", .text()), .required("state", .choice(Workload.State.allCases.map(\.rawValue))),
            .required("detail", .text()), .required("since", .nullable(moment)), .required("restarts", .integer()),
            .required("cores", .nullable(.number)), .required("memory_bytes", .nullable(.integer())),
            .required("memory_bytes_max", .nullable(.integer())), .required("target", .nullable(.text())),
        ]))
    private static let host = JSONSchema.named(
        "Machine",
        .object([
            .required("name", .text()), .required("model", .text()), .required("system", .text()),
            .required("kernel", .text()), .required("booted", moment), .required("processors", .integer()),
            .required("page_bytes", .integer()), .required("memory_bytes", .integer()),
            .required("memory_available_bytes", .integer()), .required("temperature_celsius", .nullable(.number)),
            .required("warnings", .array(of: .text())),
            .required(
                "disks",
                .array(
                    of: .object([
                        .required("path", .text()), .required("bytes", .integer()), .required("free_bytes", .integer()),
                    ]))),
        ]))
    private static let job = JSONSchema.named(
        "Job",
        .object([
            .required("id", .text()), .required("title", .text()),
            .required("state", .choice(AgentJob.State.allCases.map(\.rawValue))), .required("user", .text()),
            .required("started", moment), .required("ended", .nullable(moment)), .required("deadline", moment),
            .required("reason", .nullable(.text())), .required("lines", .array(of: .text())),
        ]))
}
