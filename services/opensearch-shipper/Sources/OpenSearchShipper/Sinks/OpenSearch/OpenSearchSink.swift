import EventContract
import HTTPClient
import Lifecycle
import Pipeline
import Settings

/// Puts documents into OpenSearch: one bulk request for a batch as a rule, several requests at once.
final class OpenSearchSink: Sink {
    /// A batch that is not finished.
    private struct Held {
        let ticket: UInt64
        let batch: DocumentBatch
        var delivery: Delivery
    }

    /// A request that is not answered.
    private struct Travelling {
        enum Purpose {
            case bulk(ticket: UInt64, part: Delivery.Part)
            case template(TemplateInstallation.Step)
        }

        let purpose: Purpose
        let sentAt: Int64
    }

    private let settings: OpenSearchSettings
    private let client: HTTPClient
    private let gzip: Gzip?
    private let backoff: Backoff
    private let metrics: ShipperMetrics
    private let bulkURL: String
    private let templateURL: String
    private var action: BulkAction
    private var answers = BulkAnswerReader()
    private var installation: TemplateInstallation
    private var availability: Availability
    private var held: [Held] = []
    private var travelling: [UInt64: Travelling] = [:]
    private var bulkInFlightCount = 0
    private var lastTag: UInt64 = 0

    /// A part that failed this often without any answer may be too much for what lies between us and the store.
    private static let attemptsBeforeHalving = 3

    /// - Throws: `HTTPError`, `ContractError`: what is wrong with the settings.
    init(_ settings: OpenSearchSettings, backoff: Backoff, version: String, metrics: ShipperMetrics) throws {
        self.settings = settings
        self.backoff = backoff
        self.metrics = metrics
        var options = HTTPClient.Options(userAgent: "opensearch-shipper/\(version)")
        if let username = settings.username { options.credentials = (username, settings.password.reveal()) }
        options.caFile = settings.caFile
        options.connectTimeoutMilliseconds = settings.connectTimeoutMilliseconds
        options.requestTimeoutMilliseconds = settings.requestTimeoutMilliseconds
        options.connectionsMax = settings.requestsInFlight
        client = try HTTPClient(options)
        gzip = settings.usesGzip ? try Gzip() : nil
        action = try BulkAction(indexPrefix: settings.indexPrefix)
        let template = IndexTemplate(indexPrefix: settings.indexPrefix)
        installation = TemplateInstallation(template, isManaged: settings.createsTemplate, backoff: backoff)
        availability = Availability(backoff: backoff, requestsInFlightMax: settings.requestsInFlight)
        var endpoint = settings.endpoint[...]
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        bulkURL = "\(endpoint)/_bulk?filter_path=\(BulkAnswerReader.filterPath)"
        templateURL = "\(endpoint)/_index_template/\(template.name)"
    }

    var capacity: Int { settings.requestsInFlight - held.count }

    var inFlightCount: Int { held.count }

    var health: SinkHealth {
        if let trouble = availability.trouble ?? installation.trouble { return .waiting(reason: trouble) }
        return installation.isInstalled ? .ready : .starting
    }

    func submit(_ batch: DocumentBatch, ticket: UInt64) {
        precondition(capacity > 0, "no more batches than the sink has capacity for")
        let overheadBytes = BulkBody.overheadBytes(indexPrefixBytes: settings.indexPrefix.utf8.count)
        var delivery = Delivery(itemCount: batch.count)
        if batch.header.bodyBytes + batch.count * overheadBytes > settings.requestBytesMax {
            let sizes = (0..<batch.count).map { batch.document(at: $0).range.count + overheadBytes }
            delivery = Delivery(sizes: sizes, partBytesMax: settings.requestBytesMax)
        }
        held.append(Held(ticket: ticket, batch: batch, delivery: delivery))
    }

    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) -> [BatchReport] {
        var now = MonotonicClock.nanoseconds()
        send(at: now)
        var wait = max(0, milliseconds)
        if held.contains(where: \.delivery.isComplete) { wait = 0 }
        if let due = nextDue { wait = min(wait, Int(clamping: max(0, (due - now + 999_999) / 1_000_000))) }
        for completion in client.poll(milliseconds: wait, wakingOn: descriptors) {
            now = MonotonicClock.nanoseconds()
            finish(completion.tag, completion.result, now: now)
        }
        send(at: now)
        return takeReports()
    }

    // MARK: - Sending

    /// When something can be sent that cannot be sent now; nil when only an answer can change that.
    private var nextDue: Int64? {
        guard installation.isInstalled else { return installation.nextDue }
        guard bulkInFlightCount == 0 || availability.trouble == nil else { return nil }
        guard bulkInFlightCount < settings.requestsInFlight else { return nil }
        return held.compactMap(\.delivery.nextDue).min().map { max($0, availability.nextAttemptAt) }
    }

    private func send(at now: Int64) {
        guard installation.isInstalled else {
            if let step = installation.takeStep(at: now) { send(step, at: now) }
            return
        }
        for index in held.indices {
            while bulkInFlightCount < availability.requestsInFlightLimit(at: now),
                let part = held[index].delivery.takePart(at: now)
            {
                send(part, of: held[index], at: now)
            }
        }
    }

    private func send(_ part: Delivery.Part, of held: Held, at now: Int64) {
        var headers = ["Content-Type: application/x-ndjson"]
        var body: any HTTPBody = BulkBody(held.batch, items: part.items, action: &action)
        if let gzip {
            body = BytesBody(gzip.compress(body))
            headers.append("Content-Encoding: gzip")
        }
        metrics.requests.add()
        metrics.requestBytes.add(UInt64(body.byteCount))
        if part.attempt > 1 { metrics.retried.add(UInt64(part.items.count)) }
        bulkInFlightCount += 1
        let purpose = Travelling.Purpose.bulk(ticket: held.ticket, part: part)
        send(HTTPRequest(.post, bulkURL, headers: headers, body: body), purpose, at: now)
    }

    private func send(_ step: TemplateInstallation.Step, at now: Int64) {
        let request =
            switch step {
            case .lookUp:
                HTTPRequest(
                    .get, templateURL + "?filter_path=index_templates.index_template._meta.version,error,status")
            case .create:
                HTTPRequest(
                    .put, templateURL, headers: ["Content-Type: application/json"],
                    body: BytesBody(Array(installation.template.json.utf8)))
            }
        send(request, .template(step), at: now)
    }

    private func send(_ request: HTTPRequest, _ purpose: Travelling.Purpose, at now: Int64) {
        lastTag += 1
        travelling[lastTag] = Travelling(purpose: purpose, sentAt: now)
        do {
            try client.send(request, tag: lastTag)
        } catch {
            finish(lastTag, .failure(error), now: now)
        }
    }

    // MARK: - Answers

    private func finish(_ tag: UInt64, _ result: Result<HTTPResponse, HTTPError>, now: Int64) {
        guard let travelled = travelling.removeValue(forKey: tag) else { return }
        switch travelled.purpose {
        case .template(let step):
            installation.answered(bounded(result), to: step, sentAt: travelled.sentAt, now: now)
        case .bulk(let ticket, let part):
            bulkInFlightCount -= 1
            metrics.requestSeconds.observe(Double(now - travelled.sentAt) / 1e9)
            guard let index = held.firstIndex(where: { $0.ticket == ticket }) else { return }
            settle(&held[index].delivery, part, bounded(result), sentAt: travelled.sentAt, now: now)
        }
    }

    /// What became of the documents of a part.
    private func settle(
        _ delivery: inout Delivery, _ part: Delivery.Part, _ result: Result<HTTPResponse, HTTPError>, sentAt: Int64,
        now: Int64
    ) {
        let retryAt = now + Int64(backoff.milliseconds(afterFailures: part.attempt)) * 1_000_000
        switch result {
        case .success(let response):
            switch answers.verdict(on: response, itemCount: part.items.count) {
            case .judged(let outcomes, nil):
                availability.succeeded(sentAt: sentAt)
                delivery.settle(part, outcomes: outcomes, retryAt: retryAt)
            case .judged(let outcomes, let trouble?):
                availability.failed(reason: trouble, now: now, sentAt: sentAt)
                delivery.settle(part, outcomes: outcomes, retryAt: now)
            case .refused(let type, let reason):
                availability.succeeded(sentAt: sentAt)
                metrics.requestsFailed.add()
                delivery.halve(part, at: now, type: type, reason: reason)
            case .unavailable(let reason, let waitSeconds):
                metrics.requestsFailed.add()
                availability.failed(
                    reason: reason, now: now, sentAt: sentAt, waitMilliseconds: waitSeconds.map { $0 * 1_000 })
                // A store may call itself overloaded by what one request alone would take of its memory.
                sendAgain(part, of: &delivery, mayBeTooMuch: response.status == 429, at: now)
            }
        case .failure(let error):
            metrics.requestsFailed.add()
            availability.failed(reason: error.description, now: now, sentAt: sentAt)
            installation.doubt()
            // A proxy that cuts large requests, or a store that is too slow for them, takes smaller ones.
            let mayBeTooMuch = error.code != .unreachable && error.code != .tls
            sendAgain(part, of: &delivery, mayBeTooMuch: mayBeTooMuch, at: now)
        }
    }

    /// The part again as it is; in halves after some attempts, when its size may be what is wrong.
    private func sendAgain(_ part: Delivery.Part, of delivery: inout Delivery, mayBeTooMuch: Bool, at now: Int64) {
        if mayBeTooMuch, part.items.count > 1, part.attempt.isMultiple(of: Self.attemptsBeforeHalving) {
            delivery.halve(part, at: now, type: "", reason: "")
        } else {
            delivery.retry(part, at: now)
        }
    }

    /// The same with a wait that is not longer than the settings allow.
    private func bounded(_ result: Result<HTTPResponse, HTTPError>) -> Result<HTTPResponse, HTTPError> {
        result.map { response in
            HTTPResponse(
                status: response.status,
                retryAfterSeconds: response.retryAfterSeconds.map {
                    min($0, settings.retryAfterMaxMilliseconds / 1_000)
                }, body: response.body)
        }
    }

    private func takeReports() -> [BatchReport] {
        let complete = held.filter(\.delivery.isComplete)
        guard !complete.isEmpty else { return [] }
        held.removeAll(where: \.delivery.isComplete)
        return complete.map { held in
            BatchReport(
                ticket: held.ticket, storedCount: held.delivery.storedCount,
                alreadyThereCount: held.delivery.alreadyThereCount, rejections: held.delivery.rejections)
        }
    }
}
