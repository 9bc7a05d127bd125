import HTTPClient
import JSON
import Lifecycle
import Logging
import OpenSearch
import OpenSearchBulk
import Settings

/// Asks OpenSearch from time to time, without ever waiting for it.
///
/// Its user needs `cluster:monitor/health`, `cluster:monitor/nodes/stats` and, on our indexes, `indices:monitor/stats`.
final class OpenSearchLook {
    private enum Question: UInt64 {
        case health = 1
        case indexes = 2
        case disks = 3
    }

    /// The longest time for an answer.
    private static let requestMillisecondsMax = 10_000

    /// The way to one OpenSearch, and what it is asked.
    private struct Target {
        let settings: OpenSearchSettings
        let client: HTTPClient
        let urls: [(question: Question, url: String)]
    }

    private let userAgent: String
    private let logger: Logger
    /// The OpenSearch that is looked at; nil while the endpoint file does not say where it is.
    private var target: Target?
    private var watch: EndpointWatch?
    private var interval: Interval
    private var troubles: [Question: String] = [:]
    private var sizes: [DailyIndex: Int64] = [:]
    private var tree = JSONTree()
    private(set) var facts = OpenSearchFacts()

    /// - Throws: `HTTPError`: what is wrong with the settings.
    init(
        _ settings: OpenSearchSettings, intervalMilliseconds: Int, userAgent: String, logger: Logger
    ) throws(HTTPError) {
        (self.userAgent, self.logger) = (userAgent, logger)
        interval = Interval(milliseconds: intervalMilliseconds)
        watch = settings.endpointFile.map { EndpointWatch($0, for: settings) }
        if watch == nil { target = try target(settings) }
    }

    private func target(_ settings: OpenSearchSettings) throws(HTTPError) -> Target {
        var options = try HTTPClient.Options(settings, userAgent: userAgent)
        options.connectTimeoutMilliseconds = min(settings.connectTimeoutMilliseconds, Self.requestMillisecondsMax)
        options.requestTimeoutMilliseconds = Self.requestMillisecondsMax
        options.connectionsMax = 1
        let endpoint = OpenSearchEndpoint(settings.endpoint)
        let prefix = settings.indexPrefix
        return Target(
            settings: settings, client: try HTTPClient(options),
            urls: [
                (.health, endpoint.url("_cluster/health?filter_path=status,error")),
                (
                    .indexes,
                    endpoint.url(
                        """
                        \(prefix),\(prefix)-*/_stats/docs,store?ignore_unavailable=true&expand_wildcards=open,hidden\
                        &filter_path=_all.primaries.docs.count,_all.total.store.size_in_bytes,\
                        indices.*.total.store.size_in_bytes
                        """)
                ),
                (.disks, endpoint.url(DiskUse.path)),
            ])
    }

    /// Goes where the endpoint file says. What the old one has told says nothing about the new one.
    private func follow() {
        do {
            switch watch?.look() {
            case nil: break
            case .moved(let settings):
                target = try target(settings)
                (facts, sizes) = (OpenSearchFacts(), [:])
                interval.makeDue()
            case .trouble(let error): throw error
            }
        } catch {
            if target == nil { return note(.health, trouble: "\(error)") }
            logger.warning("The endpoint file is of no use; what it said before stays in force", ["reason": "\(error)"])
        }
    }

    /// Asks when it is time to, and works on questions and answers for up to `milliseconds`.
    /// - Parameter descriptors: what ends the wait when it has something to read.
    func work(milliseconds: Int, wakingOn descriptors: [Int32]) {
        follow()
        guard let target else { return Pause.milliseconds(milliseconds, wakingOn: descriptors) }
        if target.client.inFlightCount == 0, interval.restartIfDue() {
            for (question, url) in target.urls {
                do throws(HTTPError) {
                    try target.client.send(ClientRequest(.get, url), tag: question.rawValue)
                } catch {
                    note(question, trouble: error.description)
                }
            }
        }
        for completion in target.client.poll(milliseconds: milliseconds, wakingOn: descriptors) {
            guard let question = Question(rawValue: completion.tag) else { continue }
            switch completion.result {
            case .success(let response) where response.status == 200:
                take(response.body, for: question, settings: target.settings)
            case .success(let response):
                note(question, trouble: "OpenSearch answers with status \(response.status.code)")
            case .failure(let error): note(question, trouble: error.description)
            }
        }
    }

    private func take(_ body: [UInt8], for question: Question, settings: OpenSearchSettings) {
        let isTaken = body.withUnsafeBytes { bytes -> Bool in
            guard let root = try? tree.parse(bytes), root.kind == .object else { return false }
            switch question {
            case .health:
                guard let status = root["status"]?.string else { return false }
                (facts.isUp, facts.status) = (true, status)
            case .indexes:
                facts.documents = root["_all"]?["primaries"]?["docs"]?["count"]?.double ?? 0
                facts.sizeBytes = root["_all"]?["total"]?["store"]?["size_in_bytes"]?.double ?? 0
                facts.indexes = root["indices"]?.members.reduce(0) { count, _ in count + 1 } ?? 0
                sizes = IndexSizes.read(root, prefix: settings.indexPrefix)
            case .disks:
                guard let disks = DiskUse(root) else { return false }
                facts.disks = disks
                facts.forecast = StorageForecast(sizes, disks, settings)
            }
            return true
        }
        note(question, trouble: isTaken ? nil : "OpenSearch answers with what is no JSON of its own")
    }

    /// Records how a question ended; the log has one line for each change.
    private func note(_ question: Question, trouble new: String?) {
        if question == .health, new != nil { facts.isUp = false }
        // The others say nothing new while the first one fails.
        guard question == .health || facts.isUp, new != troubles[question] else { return }
        troubles[question] = new
        if let new {
            logger.warning("OpenSearch cannot be looked at", ["reason": new])
        } else {
            logger.info("OpenSearch can be looked at")
        }
    }
}
