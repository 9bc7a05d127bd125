import AWS
import EventContract
import HTTPClient
import HTTPTypes
import Lifecycle
import Logging
import OpenSearch
import OpenSearchBulk
import Pipeline
import Settings

/// Puts documents into OpenSearch: one bulk request for a batch as a rule, several requests at once.
final class OpenSearchSink: Sink {
    /// A request that is not answered.
    private struct Travelling {
        enum Purpose {
            /// Something that has to be there before the first document.
            case setup(OpenSearchSetup.Step)
            /// The question what the next index of a class would look like.
            case preview(EventClass)
            /// A look at the disk of the store, or what makes room on it.
            case storage(StorageGuard.Step)
            /// The documents of a part, or the question which of them are there.
            case part(Delivery.Part, ticket: UInt64, asking: PresenceQuestion.Step? = nil)
        }

        let purpose: Purpose
        let sentAt: Int64
    }

    private let settings: OpenSearchSettings
    private let client: HTTPClient
    private let endpoint: OpenSearchEndpoint
    private let requests: PartRequests
    private let backoff: Backoff
    private let metrics: ShipperMetrics
    private let logger: Logger
    private let setupLog: SetupLog
    private let clockWatch: ClockWatch?
    private let storageGuard: StorageGuard?
    private let action: BulkAction
    private var answers = BulkAnswerReader()
    private var setup: OpenSearchSetup
    private var preview: IndexPreview
    private var availability: Availability
    private let window: IndexWindow
    private var outsideWarning = OutsideWarning()
    private var judge: RefusalJudge
    private var held: [HeldBatch] = []
    private var travelling: [UInt64: Travelling] = [:]
    /// Requests about parts, which are all but those of the setup.
    private var partsInFlightCount = 0
    /// When the last refresh of the data stream was sent that worked.
    private var refreshedAt: Int64 = .min
    private var lastTag: UInt64 = 0

    /// A part that failed this often without any answer may be too much for what lies between us and the store.
    private static let attemptsBeforeHalving = 3

    /// - Throws: errors of the settings: `HTTPError`, `IndexPrefixError`; `GzipEncoder.NoMemoryError`.
    init(
        _ settings: OpenSearchSettings, backoff: Backoff, version: String, logger: Logger, metrics: ShipperMetrics
    ) throws {
        self.settings = settings
        self.backoff = backoff
        self.metrics = metrics
        self.logger = logger
        setupLog = SetupLog(logger: logger)
        let userAgent = "opensearch-shipper/\(version)"
        let session = settings.auth == .sigv4 ? settings.session(userAgent: userAgent) : nil
        client = try HTTPClient(try HTTPClient.Options(settings, userAgent: userAgent, session: session))
        if session != nil, !AWSRequestSigner.isPrivate(settings.endpoint) {
            logger.warning(
                "requests are signed and go in the clear: whoever is on the way reads events and session token; use https",
                ["endpoint": settings.endpoint])
        }
        clockWatch = session.map { ClockWatch($0.clock, metrics: metrics, logger: logger) }
        endpoint = OpenSearchEndpoint(settings.endpoint)
        storageGuard =
            settings.guardsStorage
            ? StorageGuard(settings, endpoint: endpoint, logger: logger, metrics: metrics) : nil
        // What was found of a store before this one is not true of this one.
        metrics.storageExhausted.set(0)
        metrics.storageUsedRatio.set(0)
        requests = try PartRequests(settings, endpoint: endpoint)
        action = try BulkAction(settings)
        preview = IndexPreview(action, classes: settings.eventClasses)
        setup = OpenSearchSetup(settings.setsUp ? ManagedObjects.all(settings) : [], backoff: backoff)
        availability = Availability(backoff: backoff, requestsInFlightMax: settings.requestsInFlight)
        window = IndexWindow(daysBack: settings.indexDaysBack, daysAhead: settings.indexDaysAhead)
        judge = RefusalJudge(logger: logger)
    }

    var capacity: Int { settings.requestsInFlight - held.count }

    var inFlightCount: Int { held.count }

    var health: SinkHealth {
        if let trouble = setup.trouble ?? availability.trouble { return .waiting(reason: trouble) }
        return setup.isFinished ? .ready : .starting
    }

    func submit(_ batch: DocumentBatch, ticket: UInt64, uncertainSince: Int64?) {
        precondition(capacity > 0, "no more batches than the sink has capacity for")
        let new = holding(batch, ticket: ticket, delivery: delivery(of: batch, uncertainSince: uncertainSince))
        let outsideTimes = new.outsideTimes
        metrics.outside.add(UInt64(outsideTimes.count))
        outsideWarning.observe(
            outsideTimes, of: batch, index: "\(settings.indexPrefix)-outside", logger: logger,
            now: MonotonicClock.nanoseconds())
        held.append(new)
    }

    /// A batch with where its documents go, by the days that get an index of their own now.
    private func holding(_ batch: DocumentBatch, ticket: UInt64, delivery: Delivery) -> HeldBatch {
        var action = action
        action.days = window.days(readTime: batch.header.readTime, wallTime: WallClock.nanoseconds())
        return HeldBatch(
            ticket: ticket, batch: batch, action: action,
            classes: settings.hasClasses ? HeldBatch.classes(of: batch) : [], delivery: delivery)
    }

    /// In one request, or in several where its bytes or documents are too many for one.
    private func delivery(of batch: DocumentBatch, uncertainSince: Int64?) -> Delivery {
        let overheadBytes = BulkBody.overheadBytes(indexPrefixBytes: settings.indexPrefix.utf8.count)
        let itemsMax = requests.stream == nil ? .max : PresenceQuestion.idsMax
        let bytes = batch.header.bodyBytes + batch.count * overheadBytes
        guard bytes > settings.requestBytesMax || batch.count > itemsMax else {
            return Delivery(itemCount: batch.count, uncertainSince: uncertainSince)
        }
        return Delivery(
            sizes: (0..<batch.count).lazy.map { batch.document(at: $0).range.count + overheadBytes },
            partBytesMax: settings.requestBytesMax, partItemsMax: itemsMax, uncertainSince: uncertainSince)
    }

    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) -> [BatchReport] {
        let now = MonotonicClock.nanoseconds()
        send(at: now)
        var wait = max(0, milliseconds)
        if held.contains(where: \.delivery.isComplete) { wait = 0 }
        if let due = nextDue { wait = min(wait, Deadline(nanoseconds: due).remainingMilliseconds(at: now)) }
        receive(milliseconds: wait, wakingOn: descriptors)
        send(at: MonotonicClock.nanoseconds())
        return takeReports()
    }

    private func receive(milliseconds: Int, wakingOn descriptors: [Int32]) {
        for completion in client.poll(milliseconds: milliseconds, wakingOn: descriptors) {
            finish(completion.tag, completion.result, now: MonotonicClock.nanoseconds())
        }
        clockWatch?.look()
    }

    // MARK: - Moving to another store

    /// Whether a request is not answered.
    var isTravelling: Bool { !travelling.isEmpty }

    /// Works as ``collect(milliseconds:wakingOn:)`` and sends nothing: in the end nothing is travelling.
    func finishTravelling(milliseconds: Int, wakingOn descriptors: [Int32]) -> [BatchReport] {
        receive(milliseconds: milliseconds, wakingOn: descriptors)
        return takeReports()
    }

    /// Hands out the batches that are not finished; to be called when nothing is travelling.
    func giveUp() -> [HeldBatch] {
        defer { held = [] }
        return held
    }

    /// Takes batches of another store's sink: what is left of them goes to this one, whatever that one thought of it.
    func takeOver(_ batches: [HeldBatch]) {
        held += batches.map { old in
            holding(old.batch, ticket: old.ticket, delivery: old.delivery)
        }
    }

    // MARK: - Sending

    /// When something can be sent that cannot be sent now; nil when only an answer can change that.
    private var nextDue: Int64? {
        guard setup.isFinished else { return setup.nextDue }
        guard !preview.isAwaited else { return nil }
        guard partsInFlightCount == 0 || availability.trouble == nil else { return nil }
        guard partsInFlightCount < settings.requestsInFlight else { return nil }
        return held.compactMap(\.delivery.nextDue).min().map { max($0, availability.nextAttemptAt) }
    }

    private func send(at now: Int64) {
        if let storageGuard,
            let step = storageGuard.takeStep(isStoreInTrouble: availability.trouble != nil, at: now)
        {
            send(storageGuard.request(step), .storage(step), at: now)
        }
        guard setup.isFinished else {
            if let step = setup.takeStep(at: now) { send(setup.request(step, to: endpoint), .setup(step), at: now) }
            return
        }
        while let eventClass = preview.takeQuestion(at: now) {
            let index = preview.nextIndex(eventClass)
            send(IndexPreview.request(about: index, to: endpoint), .preview(eventClass), at: now)
        }
        guard !preview.isAwaited else { return }
        for index in held.indices {
            while partsInFlightCount < availability.requestsInFlightLimit(at: now),
                let part = held[index].delivery.takePart(at: now)
            {
                send(part, of: held[index], at: now)
            }
        }
    }

    private func send(_ part: Delivery.Part, of held: HeldBatch, at now: Int64) {
        if let stream = requests.stream, let since = part.uncertainSince {
            let step: PresenceQuestion.Step = refreshedAt < since ? .refresh : .search
            let request = requests.asking(step, about: part, of: held, stream: stream)
            send(request, .part(part, ticket: held.ticket, asking: step), at: now)
        } else {
            if part.attempt > 1 { metrics.retried.add(UInt64(part.items.count)) }
            send(requests.storing(part, of: held), .part(part, ticket: held.ticket), at: now)
        }
    }

    private func send(_ request: ClientRequest, _ purpose: Travelling.Purpose, at now: Int64) {
        if case .part = purpose {
            partsInFlightCount += 1
            metrics.requests.add()
            metrics.requestBytes.add(UInt64(request.body?.byteCount ?? 0))
        }
        lastTag += 1
        travelling[lastTag] = Travelling(purpose: purpose, sentAt: now)
        do {
            try client.send(request, tag: lastTag)
        } catch {
            finish(lastTag, .failure(error), now: now)
        }
    }

    // MARK: - Answers

    private func finish(_ tag: UInt64, _ result: Result<ClientResponse, HTTPError>, now: Int64) {
        guard let travelled = travelling.removeValue(forKey: tag) else { return }
        switch travelled.purpose {
        case .setup(let step):
            setup.answered(bounded(result), to: step, sentAt: travelled.sentAt, now: now)
            if setup.isFinished {
                setupLog.tell(setup)
                // A newer program's templates are not ours, and as they should be.
                if settings.setsUp, !setup.hasNewer { preview.want() }
            }
        case .preview(let eventClass):
            preview.answered()
            setupLog.tell(IndexPreview.finding(bounded(result)), of: eventClass, index: preview.nextIndex(eventClass))
        case .storage(let step):
            let today = BulkAction.day(WallClock.nanoseconds())
            storageGuard?.answered(result, to: step, today: today, now: now)
        case .part(let part, let ticket, let question):
            partsInFlightCount -= 1
            metrics.requestSeconds.observe(Double(now - travelled.sentAt) / 1e9)
            guard let index = held.firstIndex(where: { $0.ticket == ticket }) else { return }
            var batch = held.remove(at: index)
            finish(part, of: &batch, bounded(result), to: question, sentAt: travelled.sentAt, now: now)
            // A store in trouble is tried with each batch in turn: what one asks for says nothing about the others.
            held.insert(batch, at: availability.trouble == nil ? index : held.endIndex)
        }
    }

    private func finish(
        _ part: Delivery.Part, of batch: inout HeldBatch, _ result: Result<ClientResponse, HTTPError>,
        to question: PresenceQuestion.Step?, sentAt: Int64, now: Int64
    ) {
        switch (result, question) {
        case (.success(let response), nil):
            let verdict = answers.verdict(on: response, itemCount: part.items.count)
            settle(&batch, part, verdict, status: response.status.code, sentAt: sentAt, now: now)
        case (.success(let response), let question?):
            let verdict = PresenceVerdict(response, to: question)
            settle(&batch, part, verdict, status: response.status.code, sentAt: sentAt, now: now)
        case (.failure(let error), _):
            setup.doubt()
            // A proxy that cuts large requests, or a store that is too slow for them, takes smaller ones.
            let wasReached = error.mayHaveBeenReceived
            sendAgain(
                part, of: &batch.delivery, because: error.description, mayBeTooMuch: wasReached,
                isUncertain: wasReached && question == nil, sentAt: sentAt, now: now)
        }
    }

    /// What became of the documents of a part.
    private func settle(
        _ held: inout HeldBatch, _ part: Delivery.Part, _ verdict: BulkVerdict, status: Int, sentAt: Int64, now: Int64
    ) {
        switch verdict {
        case .judged(var outcomes, var trouble):
            let othersAreRefused = self.held.contains { !$0.refusedAt.isEmpty }
            let fault = judge.judge(&outcomes, of: part, in: &held, othersAreRefused: othersAreRefused, now: now)
            trouble = fault ?? trouble
            var retryAt = now
            if let trouble {
                availability.failed(reason: trouble, now: now, sentAt: sentAt)
            } else {
                // A store that has judged nothing for good is not known to work.
                if outcomes.contains(where: \.isFinal) { availability.succeeded(sentAt: sentAt) }
                retryAt += .nanoseconds(ofMilliseconds: backoff.milliseconds(afterFailures: part.attempt))
            }
            held.delivery.settle(part, outcomes: outcomes, retryAt: retryAt)
        case .tooLarge(let error), .unreadable(let error):
            metrics.requestsFailed.add()
            let isTooLarge = if case .tooLarge = verdict { true } else { false }
            refuse(part, of: &held, error, isTooLarge: isTooLarge, sentAt: sentAt, now: now)
        case .unavailable(let reason, let waitSeconds):
            // A store may call itself overloaded by what one request alone would take of its memory.
            sendAgain(
                part, of: &held.delivery, because: reason, waitSeconds: waitSeconds, mayBeTooMuch: status == 429,
                isUncertain: true, sentAt: sentAt, now: now)
        }
    }

    /// A request was refused whole. One document of it may be the cause, and is looked for by halves: fast as long as the
    /// store takes others, and otherwise no faster than a store in trouble is tried.
    private func refuse(
        _ part: Delivery.Part, of held: inout HeldBatch, _ error: OpenSearchError, isTooLarge: Bool, sentAt: Int64,
        now: Int64
    ) {
        let isOwn = judge.isCausedByDocuments(of: part, in: &held, isTooLarge: isTooLarge, now: now)
        if !isOwn { availability.failed(reason: error.description, now: now, sentAt: sentAt) }
        guard part.items.count > 1 || isOwn else { return held.delivery.retry(part, at: now) }
        if part.items.count == 1 { held.refusedAt.removeValue(forKey: part.items[0]) }
        held.delivery.halve(
            part, at: now, type: isTooLarge ? "request_too_large" : error.type ?? "", reason: error.text)
    }

    /// What is known now of the documents of a part.
    ///
    /// An answered question does not end a trouble as long as something is left to be sent: a store that can be asked
    /// and takes nothing would otherwise get request after request, and several at once.
    private func settle(
        _ held: inout HeldBatch, _ part: Delivery.Part, _ verdict: PresenceVerdict, status: Int, sentAt: Int64,
        now: Int64
    ) {
        switch verdict {
        case .refreshed:
            refreshedAt = max(refreshedAt, sentAt)
            held.delivery.putBack(part)
        case .there(let ids):
            let batch = held.batch
            let missingCount = held.delivery.resolve(part) {
                !ids.isEmpty && ids.contains(batch.document(at: $0).id.description)
            }
            if missingCount == 0 { availability.succeeded(sentAt: sentAt) }
        case .unknown(let reason, let waitSeconds):
            sendAgain(
                part, of: &held.delivery, because: reason, waitSeconds: waitSeconds,
                mayBeTooMuch: status == 413 || status == 429, isUncertain: false, sentAt: sentAt, now: now)
        }
    }

    /// A request failed as a whole: the part again as it is; in halves after some attempts, when its size may be what
    /// is wrong.
    private func sendAgain(
        _ part: Delivery.Part, of delivery: inout Delivery, because reason: String, waitSeconds: Int? = nil,
        mayBeTooMuch: Bool, isUncertain: Bool, sentAt: Int64, now: Int64
    ) {
        metrics.requestsFailed.add()
        availability.failed(
            reason: reason, now: now, sentAt: sentAt, waitMilliseconds: waitSeconds.map { $0 * 1_000 })
        if mayBeTooMuch, part.items.count > 1, part.attempt.isMultiple(of: Self.attemptsBeforeHalving) {
            delivery.halve(part, at: now, type: "", reason: "", isUncertain: isUncertain)
        } else {
            delivery.retry(part, at: now, isUncertain: isUncertain)
        }
    }

    /// The same with a wait that is not longer than the settings allow.
    private func bounded(_ result: Result<ClientResponse, HTTPError>) -> Result<ClientResponse, HTTPError> {
        result.map { response in
            ClientResponse(
                response.status, fields: response.head.fields,
                retryAfterSeconds: response.retryAfterSeconds.map {
                    min($0, settings.retryAfterMaxMilliseconds / 1_000)
                }, body: response.body)
        }
    }

    private func takeReports() -> [BatchReport] {
        let complete = held.filter(\.delivery.isComplete)
        guard !complete.isEmpty else { return [] }
        held.removeAll(where: \.delivery.isComplete)
        return complete.map(\.report)
    }
}

extension ItemOutcome {
    /// Whether the document has ended.
    fileprivate var isFinal: Bool { if case .retry = self { false } else { true } }
}
