import APIDescription
import CivilTime
import HTTPServer
import JSON
import Lifecycle

/// Whether events flow, and how they did in the last hours, as operations of the API.
struct PipelineAPI: Sendable {
    let watch: PipelineWatch

    /// The names of a question, at most so many.
    private static let namesMax = 12

    private static let names = Parameter(
        "name", in: .query,
        ParameterForm<[SeriesRing.Name]>(.text(bytesMax: 400)) { text in
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let names = words.compactMap(SeriesRing.Name.init)
            return names.count == words.count && names.count <= namesMax ? names : nil
        },
        "What was measured, several names with commas between: "
            + SeriesRing.Name.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") + ".")
    private static let from = Parameter(
        "from", in: .query, .text(bytesMax: 40), default: "-1h", "The beginning: 2026-02-01T10:00Z, -24h at most.")
    private static let to = Parameter("to", in: .query, .text(bytesMax: 40), default: "now", "The end.")
    private static let step = Parameter(
        "step", in: .query, .integer(1...86_400), default: 30,
        "Seconds that one value is the mean of; rounded up to half minutes.")

    var operations: [Operation] {
        [
            Operation(
                .get, "/status", id: "getStatus",
                "Tells whether events flow and, if not, where they are stuck and why.", access: .role(.viewer),
                returns: [.init(.ok, "How the pipeline and the box are.", .json(Self.statusSchema))],
                .atOnce { _ in
                    let status = watch.latest
                    return .json { status.writeMembers(to: &$0) }
                }),
            Operation(
                .get, "/metrics/series", id: "getSeries", "Gives measured values of the last 24 hours.",
                access: .role(.viewer), parameters: [Self.names, Self.from, Self.to, Self.step],
                returns: [.init(.ok, "The values, null where nothing was measured.", .json(Self.seriesSchema))],
                .atOnce { call in
                    let names = try call[Self.names]
                    let (from, to) = (try Self.seconds(call, Self.from), try Self.seconds(call, Self.to))
                    let found = watch.series(names, from: from, to: to, step: Int64(try call[Self.step]))
                    return .json { answer in
                        answer.member("step_seconds", found.step)
                        answer.member("times", found.times)
                        answer.object("series") { series in
                            for (name, values) in zip(names, found.values) {
                                series.array(name.rawValue) { list in for value in values { list.value(value) } }
                            }
                        }
                    }
                }),
        ]
    }

    private static func seconds(_ call: Call, _ parameter: Parameter<String>) throws -> Int64 {
        let time = try EventsAPI.moment(try call[parameter], part: parameter.name) ?? 0
        return time / 1_000_000_000
    }

    private static let seriesSchema = JSONSchema.object([
        .required("step_seconds", .integer()), .required("times", .array(of: .integer())),
        .required("series", .dictionary(of: .array(of: .nullable(.number)))),
    ])

    private static let time = JSONSchema.text(format: "date-time")
    private static let number = JSONSchema.nullable(.number)

    private static let statusSchema = JSONSchema.named(
        "Status",
        .object([
            .required("time", time), .required("flows", .boolean),
            .required("state", .choice(PipelineStatus.State.allCases.map(\.rawValue))),
            .required("sentence", .text()), .required("advice", .nullable(.text())),
            .required("stuck_at", .nullable(.text())), .required("since", .nullable(time)),
            .required("newest_event", .nullable(time)),
            .required(
                "stages",
                .array(
                    of: .object([
                        .required("name", .text()), .required("title", .text()),
                        .required("state", .choice(PipelineStatus.Stage.State.allCases.map(\.rawValue))),
                        .required("detail", .nullable(.text())), .required("advice", .nullable(.text())),
                        .required("since", time), .required("events_per_second", number),
                        .required(
                            "waiting",
                            .nullable(
                                .object([
                                    .required("events", number), .required("batches", number),
                                    .required("bytes", number), .required("bytes_max", number),
                                    .required("seconds", number),
                                ]))),
                        .required("canary_ms", number),
                    ]))),
            .required(
                "services",
                .array(
                    of: .object([
                        .required("name", .text()), .required("address", .text()), .required("up", .boolean),
                        .required("seen", .boolean), .required("ready", .boolean),
                        .required("fault", .nullable(.text())), .required("version", .nullable(.text())),
                        .required("started", .nullable(time)), .required("cpu", number),
                        .required("memory_bytes", number),
                        .required(
                            "parts",
                            .array(
                                of: .object([
                                    .required("name", .text()), .required("ready", .boolean),
                                    .required("text", .text()),
                                ]))),
                    ]))),
            .required(
                "box",
                .object([
                    .required("cores", .integer()), .required("cpu", number), .required("load", number),
                    .required("memory_bytes", number), .required("memory_used_bytes", number),
                    .required("temperature_celsius", number), .required("uptime_seconds", number),
                    .required(
                        "disks",
                        .array(
                            of: .object([
                                .required("name", .text()), .required("bytes", .number),
                                .required("used_bytes", .number),
                            ]))),
                ])),
            .required(
                "redis",
                .object([
                    .required("up", .nullable(.boolean)), .required("memory_bytes", number),
                    .required("memory_max_bytes", number),
                ])),
            .required("backpressure", number), .required("dead_letters", number),
            .required(
                "canary",
                .object([
                    .required("interval_ms", .integer()), .required("made", .nullable(time)),
                    .required("missing_at", .nullable(.text())),
                ])),
            .required(
                "noisy_rules",
                .array(
                    of: .object([
                        .required("id", .integer()), .required("name", .text()), .required("count", .integer()),
                    ]))),
            .required("alerts", .integer()),
        ]))
}

extension PipelineStatus {
    /// Writes it as the API shows it; the schema stands in ``PipelineAPI``.
    func writeMembers(to json: inout JSONWriter) {
        json.member("time", Self.text(time))
        json.member("flows", state == .flows || state == .waiting)
        json.member("state", state.rawValue)
        json.member("sentence", sentence)
        json.member("advice", advice)
        json.member("stuck_at", stuckAt)
        json.member("since", since.map(Self.text))
        json.member("newest_event", newestEvent.map(Self.text))
        json.array("stages") { list in for stage in stages { list.object { Self.write(stage, to: &$0) } } }
        json.array("services") { list in for service in services { list.object { Self.write(service, to: &$0) } } }
        json.object("box") { Self.write(box, to: &$0) }
        json.object("redis") { object in
            object.member("up", redis.isUp)
            object.member("memory_bytes", redis.memoryBytes)
            object.member("memory_max_bytes", redis.memoryMaxBytes)
        }
        json.member("backpressure", backpressure)
        json.member("dead_letters", deadLetters)
        json.object("canary") { object in
            object.member("interval_ms", canary.intervalMilliseconds)
            object.member("made", canary.made.map(Self.text))
            object.member("missing_at", canary.missing?.name)
        }
        json.array("noisy_rules") { list in
            for rule in noisyRules {
                list.object { object in
                    object.member("id", rule.id)
                    object.member("name", rule.name)
                    object.member("count", rule.count)
                }
            }
        }
        json.member("alerts", alerts)
    }

    private static func text(_ time: Int64) -> String { UTCTimestamp(time).description }

    private static func write(_ stage: Stage, to json: inout JSONWriter) {
        json.member("name", stage.kind.name)
        json.member("title", stage.kind.title)
        json.member("state", stage.state.rawValue)
        json.member("detail", stage.detail)
        json.member("advice", stage.advice)
        json.member("since", text(stage.since))
        json.member("events_per_second", stage.eventsPerSecond)
        json.name("waiting")
        if let waiting = stage.waiting {
            json.object { object in
                object.member("events", waiting.events)
                object.member("batches", waiting.batches)
                object.member("bytes", waiting.bytes)
                object.member("bytes_max", waiting.bytesMax)
                object.member("seconds", waiting.seconds)
            }
        } else {
            json.value(String?.none)
        }
        json.member("canary_ms", stage.canaryMilliseconds)
    }

    private static func write(_ service: ServiceState, to json: inout JSONWriter) {
        let metrics = service.metrics
        json.member("name", service.address.name)
        json.member("address", service.address.authority)
        json.member("up", service.isUp)
        json.member("seen", service.wasSeen)
        json.member("ready", service.isReady)
        json.member("fault", service.fault)
        json.member("version", metrics["ids_build_info"].first?.labels["version"])
        json.member(
            "started",
            metrics.value("process_start_time_seconds").flatMap { Int64(exactly: ($0 * 1e9).rounded()) }.map(text))
        json.member("cpu", service.cpu)
        json.member("memory_bytes", metrics.value("process_resident_memory_bytes"))
        json.array("parts") { list in
            for part in service.parts {
                list.object { object in
                    object.member("name", part.name)
                    object.member("ready", part.isReady)
                    object.member("text", part.text)
                }
            }
        }
    }

    private static func write(_ box: Box, to json: inout JSONWriter) {
        json.member("cores", box.cores)
        json.member("cpu", box.cpu)
        json.member("load", box.load)
        json.member("memory_bytes", box.memoryBytes)
        json.member("memory_used_bytes", box.memoryUsedBytes)
        json.member("temperature_celsius", box.temperatureCelsius)
        json.member("uptime_seconds", box.uptimeSeconds)
        json.array("disks") { list in
            for disk in box.disks {
                list.object { object in
                    object.member("name", disk.name)
                    object.member("bytes", disk.sizeBytes)
                    object.member("used_bytes", disk.usedBytes)
                }
            }
        }
    }
}
