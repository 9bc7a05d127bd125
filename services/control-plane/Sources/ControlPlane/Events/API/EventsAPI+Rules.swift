import APIDescription
import CivilTime
import HTTPServer
import JSON
import Lifecycle
import SQLite

extension EventsAPI {
    private static let hours = Parameter(
        "hours", in: .query, .integer(1...720), default: 24, "How many hours, with the one that runs.")

    private static let noisySchema = JSONSchema.named(
        "NoisyRule",
        .object([
            .required("sid", .integer()), .required("text", .nullable(.text())),
            .required("severity", .nullable(.integer())), .required("hits", .integer()),
            .required("last", .nullable(.text(format: "date-time"))), .required("hours", .array(of: .integer())),
        ]))

    var noisyRules: [Operation] {
        [
            Operation(
                .get, "/rules", id: "listRules", "Lists rules that have hit in the last hours, the noisiest first.",
                access: .role(.viewer), parameters: [Self.hours, Self.limit],
                returns: [
                    .init(
                        .ok, "The rules, with hits of the last 24 hours each, and how many alerts there were in all.",
                        .json(
                            .object([
                                .required("rules", .array(of: Self.noisySchema)), .required("total", .integer()),
                                .required("complete", .boolean),
                            ])))
                ],
                .blocking { call in
                    let (hours, limit) = (try call[Self.hours], try call[Self.limit])
                    let page = try read { reader -> RuleList.Page? in
                        guard let index = reader.index() else { return RuleList.Page() }
                        do {
                            return try RuleList(index: index).noisiest(
                                hours: hours, until: WallClock.nanoseconds(), limit: limit)
                        } catch let error as SQLiteError where error.code == .interrupted {
                            return nil
                        }
                    }
                    return .json { answer in
                        answer.array("rules") { list in
                            for rule in page?.rules ?? [] {
                                list.object { object in
                                    object.member("sid", rule.signatureID)
                                    object.member("text", rule.group?.signature)
                                    object.member("severity", rule.group?.severity)
                                    object.member("hits", rule.hits)
                                    object.member("last", rule.group.map { UTCTimestamp($0.last).description })
                                    object.member("hours", rule.hours)
                                }
                            }
                        }
                        answer.member("total", page?.total ?? 0)
                        answer.member("complete", page != nil)
                    }
                })
        ]
    }
}
