import AWS
import HTTPClient
import HTTPTypes
import Lifecycle
import OpenSearch
import Settings

/// What has to be done inside OpenSearch before the first event: templates, lifecycle policy, rights, and one document to prove
/// that events can come and be found.
///
/// Each step looks before it acts, so all of it may be repeated at any time. A domain that has just been made refuses for some
/// minutes, until its access policy is in effect and its name is known everywhere: what may pass is tried again.
struct Preparation {
    /// How long a domain may refuse before that counts as final, in minutes.
    static let minutesMax = 10
    /// How long one request may take, in milliseconds: less than a container has to stop.
    private static let requestMillisecondsMax = 10_000

    /// How OpenSearch is reached, and what it is to have.
    let store: OpenSearchSettings
    let session: AWSSession
    let userAgent: String
    /// The role or user of IAM as which the shipper signs; nil when it is the domain's master.
    let shipperARN: String?
    var backoff = Backoff(firstMilliseconds: 1_000, capMilliseconds: 10_000)
    var millisecondsMax = Self.minutesMax * 60_000
    /// Called before each request.
    var beat: () -> Void = {}

    /// Something that happens meanwhile, for people.
    enum Event: Equatable {
        /// A step begins.
        case began(String)
        /// It has worked: what was found or done, one line each.
        case ended([String])
        /// It has not worked yet, and is tried again.
        case refused(reason: String, minutesMax: Int)
    }

    /// Carries all of it out, one step after the other.
    ///
    /// - Parameter report: called with what happens.
    /// - Throws: ``PreparationError``.
    func carryOut(until stop: StopSignal, report: (Event) -> Void) throws(PreparationError) {
        let deadline = Deadline.milliseconds(millisecondsMax)
        let beforeRequest = { [beat] in
            beat()
            if stop.isStopped { throw Stopped() }
        }
        func step(_ name: String, _ work: () throws -> [String]) throws(PreparationError) {
            report(.began(name))
            report(.ended(try retrying(until: stop, deadline, report, work)))
        }
        try step("templates and lifecycle policy") { try setUp(beforeRequest) }
        if let shipperARN { try step("role of the shipper") { [try map(shipperARN, client(beforeRequest))] } }
        try step("a document to prove it") { try sendCanary(client(beforeRequest)) }
    }

    private func retrying(
        until stop: StopSignal, _ deadline: Deadline, _ report: (Event) -> Void, _ work: () throws -> [String]
    ) throws(PreparationError) -> [String] {
        var backoff = backoff
        var told = ""
        while true {
            do {
                return try work()
            } catch {
                if stop.isStopped { throw PreparationError(error, isStopped: true) }
                guard mayPass(error), !deadline.hasPassed else { throw PreparationError(error, isStopped: false) }
                if told != "\(error)" { report(.refused(reason: "\(error)", minutesMax: millisecondsMax / 60_000)) }
                told = "\(error)"
                let wait = min(backoff.next(), max(1, deadline.remainingMilliseconds))
                if stop.wait(milliseconds: wait) { throw PreparationError(error, isStopped: true) }
            }
        }
    }

    /// Whether time may mend it.
    private func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as StoreRefusal: error.mayPass
        case let error as OpenSearchError: error.mayPass || error.status == 404
        case let error as SetupError: error.cause.map(mayPass) ?? true
        case let error as HTTPError:
            switch error.code {
            case .unsigned: error.cause.map(mayPass) ?? false
            case .unreachable, .timeout, .cut, .badAnswer, .other: true
            case .tls, .badRequest: false
            }
        case let error as AWSError: error.code == .unavailable
        default: false
        }
    }

    // MARK: - Steps

    private func setUp(_ beforeRequest: @escaping () throws -> Void) throws -> [String] {
        var store = store
        store.requestTimeoutMilliseconds = min(store.requestTimeoutMilliseconds, Self.requestMillisecondsMax)
        var run = try SetupRun(store, userAgent: userAgent, session: session)
        run.beforeRequest = beforeRequest
        let setup = try run.carryOut(ManagedObjects.all(store), isDryRun: false)
        var lines = zip(setup.objects, setup.plan).map { $1.text(about: $0) }
        if !setup.hasNewer {
            lines += try run.previewNextIndexes().compactMap { $1.warning(about: $0) }
        }
        return lines
    }

    private func map(_ arn: String, _ client: StoreClient) throws -> String {
        try RoleMapping(arn: arn, store: store).carryOut(client)
    }

    private func sendCanary(_ client: StoreClient) throws -> [String] {
        let canary = Canary(store, client)
        let begin = MonotonicClock.nanoseconds()
        try canary.send()
        let sent = MonotonicClock.nanoseconds()
        try canary.find()
        let found = MonotonicClock.nanoseconds()
        try canary.remove()
        return ["sent in \((sent - begin) / 1_000_000) ms, found in \((found - sent) / 1_000_000) ms, removed"]
    }

    private func client(_ beforeRequest: @escaping () throws -> Void) throws(HTTPError) -> StoreClient {
        var options = try HTTPClient.Options(store, userAgent: userAgent, session: session)
        options.requestTimeoutMilliseconds = min(options.requestTimeoutMilliseconds, Self.requestMillisecondsMax)
        return try StoreClient(store, options: options, beforeRequest: beforeRequest)
    }

    /// Somebody has asked to stop.
    private struct Stopped: Error {}
}

/// Why OpenSearch could not be prepared; repeating it goes on where it was.
struct PreparationError: Error, CustomStringConvertible {
    /// The error of the step, such as ``StoreRefusal``, `SetupError`, `HTTPError`.
    let cause: any Error
    /// Whether somebody has asked to stop while it was tried again.
    let isStopped: Bool

    init(_ cause: any Error, isStopped: Bool) {
        (self.cause, self.isStopped) = (cause, isStopped)
    }

    /// Whether a person has to do something first: OpenSearch, or Amazon before it, lets nobody of this name do it.
    var needsPerson: Bool {
        let error = (cause as? SetupError)?.cause ?? cause
        let status = (error as? StoreRefusal)?.error.status ?? (error as? OpenSearchError)?.status
        return status == 401 || status == 403
    }

    /// What is wrong, and what helps.
    var description: String {
        let remedy = (cause as? StoreRefusal)?.remedy.map { "; \($0)" } ?? ""
        return "\(cause)\(remedy)"
    }
}
