import JSON
import Lifecycle
import OpenSearch

/// How the domain is, as of one look.
struct DomainReport {
    let name: String
    let region: String
    let account: String
    /// nil when there is none.
    let status: DomainStatus?
    let progress: ChangeProgress?
    /// What was begun here with this domain; nil for nothing.
    let record: WorkRecord?
    /// nil when it was not asked.
    let store: Result<StoreFacts, any Error>?
    let endpointFile: String
    /// Whether shipper and exporter know the endpoint.
    let isPublished: Bool
    /// Seconds since 1970.
    let now: Int64

    /// A word for programs.
    var state: DomainWatch.State {
        guard let status else { return [nil, .deleting].contains(record?.phase) ? .none : .missing }
        if status.isDeleted { return .deleting }
        if status.isSettled && status.endpoint != nil { return .active }
        return status.endpoint == nil ? .creating : .changing
    }

    /// Why the last change has failed; nil when it has not.
    private var failure: String? { progress?.failure ?? status?.changeFailure }

    /// Time since the work was begun that goes on; nil when none does, or nobody here knows.
    private var elapsedSeconds: Int? {
        guard [.creating, .changing, .deleting].contains(state), let beganAt = record?.beganAt, beganAt > 0 else {
            return nil
        }
        return Int(max(0, now - beganAt))
    }

    /// For people.
    func text(on terminal: Terminal) -> String {
        var rows = [("Domain", "\(name) in \(region), account \(account)"), ("State", stateText)]
        if let failure { rows.append(("Failed", terminal.coloured(failure, .red))) }
        if let configuration = status?.configuration {
            let parts = [DomainProperty.engineVersion, .instanceCount, .instanceType, .volumeGiB].map { property in
                configuration[property].map(property.text) ?? "?"
            }
            rows.append(("Made of", "\(parts[0]), \(parts[1]) × \(parts[2]), \(parts[3]) each"))
        }
        if let endpoint = status?.endpoint {
            let known = isPublished ? "known to shipper and exporter by" : "not yet in"
            rows += [("Endpoint", endpoint), ("", "\(known) \(endpointFile)")]
        }
        switch store {
        case nil: break
        case .success(let facts): rows += Self.rows(facts)
        case .failure(let error): rows.append(("Inside", terminal.coloured("cannot be asked: \(error)", .yellow)))
        }
        let hint = hint.map { "\n\($0)\n" } ?? ""
        return rows.map { "\($0.0.padded(to: 9)) \($0.1)\n" }.joined() + hint
    }

    private var stateText: String {
        let elapsed = elapsedSeconds.map { ", \(ProgressReport.duration($0))" } ?? ""
        let stage = progress.flatMap { progress in
            progress.stage.map {
                "stage \($0)\(progress.stageCount.map { " of \($0)" } ?? "")" + (progress.name.map { ": \($0)" } ?? "")
            }
        }
        let usually =
            state == .creating
            ? " of usually \(DomainPlan.creationMinutes.text) minutes"
            : state == .changing ? " of usually \(DomainPlan.changeMinutes.text) minutes" : ""
        let going =
            (stage.map { ", \($0)" } ?? "") + elapsed + (elapsed.isEmpty ? "" : usually)
        return switch state {
        case .none: "there is none"
        case .missing: "it was made or asked for here, and AWS has none"
        case .creating: "is being made" + going
        case .changing: "is being changed, and can be used" + going
        case .active: record?.phase == .ready ? "ready" : "there, not prepared for events"
        case .deleting: "is being deleted" + elapsed
        case .unknown: "not known"
        }
    }

    private var hint: String? {
        switch state {
        case .none, .missing: "`aws-provisioner plan` shows what would be made, `aws-provisioner apply` makes it."
        case .active where record?.phase != .ready: "`aws-provisioner apply` puts into it what events need."
        case _ where failure != nil: "Correct the settings that are named, and run `aws-provisioner apply` again."
        default: nil
        }
    }

    private static func rows(_ facts: StoreFacts) -> [(String, String)] {
        let room =
            facts.forecast.map { forecast in
                let days =
                    switch (forecast.daysKept, forecast.daysLeft) {
                    case _ where forecast.isEnough: "does not fill, as much is deleted by age as comes in"
                    case (let kept?, _):
                        "holds about the last \(kept) days beside the alerts, as the oldest go when it is nearly full"
                    case (nil, 0): "full within a day"
                    case (nil, let left): "lasts for about \(left) days"
                    }
                return "\(days), at \(size(forecast.bytesPerDay)) a day"
            } ?? "not known before the first full day of events"
        return [
            ("Health", "\(facts.health), \(facts.indexes) indexes, \(facts.documents) documents"),
            ("Storage", "\(size(facts.availableBytes)) of \(size(facts.totalBytes)) free; \(room)"),
        ]
    }

    /// `9.8 GiB`, `12.0 MiB`, `0.4 MiB`.
    static func size(_ bytes: Int64) -> String {
        let (unit, name) = bytes >= 1 << 30 ? (1 << 30, "GiB") : (1 << 20, "MiB")
        return "\((Double(bytes) / Double(unit) * 10).rounded() / 10) \(name)"
    }

    /// For programs.
    var json: String {
        JSONWriter.objectText { json in
            json.member("domain", name)
            json.member("region", region)
            json.member("account", account)
            json.member("arn", status?.arn)
            json.member("state", state.rawValue)
            json.member("ready", state == .active && record?.phase == .ready)
            json.member("stage", progress?.stage)
            json.member("stages", progress?.stageCount)
            json.member("stage_name", progress?.name)
            json.member("elapsed_seconds", elapsedSeconds)
            json.member("failure", failure)
            for (name, property) in [
                ("engine", DomainProperty.engineVersion), ("machine", .instanceType), ("machines", .instanceCount),
                ("volume_gib", .volumeGiB),
            ] {
                json.member(name, status?.configuration[property])
            }
            json.member("endpoint", status?.endpoint)
            json.member("published", isPublished)
            let facts = try? store?.get()
            json.member("health", facts?.health)
            json.member("indexes", facts?.indexes)
            json.member("documents", facts?.documents)
            json.member("storage_bytes", facts?.totalBytes)
            json.member("storage_free_bytes", facts?.availableBytes)
            json.member("bytes_per_day", facts?.forecast?.bytesPerDay)
            json.member("days_left", facts?.forecast?.daysLeft)
            json.member("days_kept", facts?.forecast?.daysKept)
            if case .failure(let error)? = store { json.member("store_error", "\(error)") }
        } + "\n"
    }
}
