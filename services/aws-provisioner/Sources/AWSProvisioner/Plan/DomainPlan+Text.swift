import JSON
import OpenSearch

extension DomainPlan {
    /// A volume that a larger one is shown by, in GiB.
    private static let largerVolumeGiB = 50

    /// The plan for people.
    var text: String {
        let width = lines.map(\.title.count).max() ?? 0
        let table = lines.map { line in
            "  \(line.mark.rawValue) \(line.title.padded(to: width))  \(line.text)"
                + (line.remark.isEmpty ? "" : "  (\(line.remark))")
        }
        let facts = [
            ("Account", "\(principal.account), as \(principal.arn)"),
            ("Region", region),
            ("Domain", "\(name): \(summary)"),
            ("Cost", cost.text),
            ("Room", roomText),
            ("Time", timeText),
        ]
        let head = facts.prefix(3).map { "\($0.0)  ".padded(to: 9) + $0.1 }
        let tail = facts.dropFirst(3).filter { !$0.1.isEmpty }.map { "\($0.0)  ".padded(to: 9) + $0.1 }
        return (head + [""] + table + [""] + tail).joined(separator: "\n") + "\n"
    }

    /// What is to be done, in a few words.
    private var summary: String {
        if let status, !status.isReady, action == .nothing {
            return "is there, and AWS works on it (\(status.state ?? "no state told"))"
        }
        return switch action {
        case .create where isBeingDeleted: "is being deleted, and would be made anew after that"
        case .create: "is not there, and would be made"
        case .change: "is there, and would be changed"
        case .tag: "is there, and would get tags"
        case .nothing: "is there, and nothing is to be done"
        }
    }

    private var roomText: String {
        let larger = max(Self.largerVolumeGiB, 2 * volumeGiB)
        let more =
            CostEstimate.monthlyUSD(ofVolumeGiB: (larger - volumeGiB) * machineCount, region: region)
            .map { " and cost about \($0) USD a month more" } ?? ""
        guard let forecast else {
            let rate = "at \(RoomEstimate.eventsPerSecondAssumed) events a second"
            return
                "\(volumeGiB) GiB hold the last \(RoomEstimate(volumeGiB: volumeGiB * machineCount).days) days \(rate), which is "
                + "assumed; \(larger) GiB hold \(RoomEstimate(volumeGiB: larger * machineCount).days)\(more)"
        }
        let rate = "\(forecast.bytesPerDay / 1_000_000) MB a day, as measured"
        guard !forecast.isEnough, forecast.bytesPerDay > 0 else {
            return "\(volumeGiB) GiB do not fill: as much is deleted by age as comes in, \(rate)"
        }
        let now = if case .number(let size)? = status?.configuration[.volumeGiB] { size } else { volumeGiB }
        let days = { (size: Int) in
            (forecast.daysKept ?? forecast.daysLeft)
                + RoomEstimate.bytes(volumeGiB: (size - now) * machineCount) / Int(forecast.bytesPerDay)
        }
        if forecast.daysKept != nil {
            return
                "\(volumeGiB) GiB hold about the last \(days(volumeGiB)) days beside the alerts, at \(rate); \(larger) GiB "
                + "hold about \(days(larger))\(more)"
        }
        return "\(volumeGiB) GiB last about \(days(volumeGiB)) days more at \(rate); \(larger) GiB last about "
            + "\(days(larger))\(more)"
    }

    private var timeText: String {
        switch action {
        case .create: "usually \(usualTime)"
        case .change: "usually \(usualTime); the domain can be used meanwhile"
        case .tag, .nothing: ""
        }
    }

    /// How long it takes as a rule.
    var usualTime: String { "\((action == .change ? Self.changeMinutes : Self.creationMinutes).text) minutes" }

    /// The plan for programs: one JSON object.
    var json: String {
        JSONWriter.objectText { json in
            json.member("account", principal.account)
            json.member("principal", principal.arn)
            json.member("region", region)
            json.member("domain", name)
            json.member("action", action.rawValue)
            json.member("obstacle", obstacle?.description)
            json.array("lines") { json in
                for line in lines {
                    json.object { json in
                        json.member("mark", line.mark.rawValue)
                        json.member("title", line.title)
                        json.member("text", line.text)
                        json.member("remark", line.remark.isEmpty ? nil : line.remark)
                    }
                }
            }
            json.object("cost") { json in
                json.member("usd_per_month_min", cost.monthlyUSD?.lowerBound)
                json.member("usd_per_month_max", cost.monthlyUSD?.upperBound)
                json.member("source", cost.source)
                json.member("date", Prices.date)
                json.member("page", Prices.page)
            }
            json.object("room") { json in
                let room = RoomEstimate(volumeGiB: volumeGiB * machineCount)
                json.member("volume_gib", volumeGiB)
                json.member("events_per_second_assumed", RoomEstimate.eventsPerSecondAssumed)
                json.member("days_assumed", room.days)
                json.member("days_left", forecast?.daysLeft)
                json.member("days_kept", forecast?.daysKept)
                json.member("bytes_per_day", forecast?.bytesPerDay)
            }
            let minutes = action == .create ? Self.creationMinutes : action == .change ? Self.changeMinutes : nil
            json.member("minutes_min", minutes?.lowerBound)
            json.member("minutes_max", minutes?.upperBound)
        } + "\n"
    }
}

extension ClosedRange<Int> {
    /// `15 to 25`.
    var text: String { "\(lowerBound) to \(upperBound)" }
}
