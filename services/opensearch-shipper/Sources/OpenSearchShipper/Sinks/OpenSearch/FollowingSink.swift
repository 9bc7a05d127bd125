import EventContract
import Lifecycle
import Logging
import OpenSearch
import Pipeline
import Settings

/// Puts documents into the OpenSearch that the endpoint file names, and goes with them to the next one when that changes.
///
/// While the file is not there, it takes no batch: what comes waits in Redis. When it goes, its domain is about to be deleted,
/// and what that took would be lost. On a change it lets the requests to the old store end, and what that has not confirmed
/// goes to the new one.
final class FollowingSink: Sink {
    private let makeSink: (OpenSearchSettings) throws -> OpenSearchSink
    private let logger: Logger
    private var watch: EndpointWatch
    private var current: OpenSearchSink?
    /// By which the new store is reached, while requests to the old one travel.
    private var next: OpenSearchSettings?
    /// A store that cannot be used for a reason on our side, such as a file with certificates, is tried again.
    private var attempt = Interval(milliseconds: 1_000)
    /// Whether the file is gone that said where the current store is.
    private var isGone = false
    /// Why there is no store.
    private var trouble = ""

    /// - Parameter makeSink: makes the sink for one store.
    init(_ watch: EndpointWatch, logger: Logger, makeSink: @escaping (OpenSearchSettings) throws -> OpenSearchSink) {
        (self.watch, self.logger, self.makeSink) = (watch, logger, makeSink)
        follow()
    }

    var capacity: Int { isSending ? current?.capacity ?? 0 : 0 }

    private var isSending: Bool { next == nil && !isGone }

    var inFlightCount: Int { current?.inFlightCount ?? 0 }

    var health: SinkHealth { isGone ? .waiting(reason: trouble) : current?.health ?? .waiting(reason: trouble) }

    func submit(_ batch: DocumentBatch, ticket: UInt64, uncertainSince: Int64?) {
        current?.submit(batch, ticket: ticket, uncertainSince: uncertainSince)
    }

    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) -> [BatchReport] {
        follow()
        let wait = min(max(0, milliseconds), watch.remainingMilliseconds)
        guard let current else {
            Pause.milliseconds(wait, wakingOn: descriptors)
            return []
        }
        return isSending
            ? current.collect(milliseconds: wait, wakingOn: descriptors)
            : current.finishTravelling(milliseconds: wait, wakingOn: descriptors)
    }

    private func follow() {
        switch watch.look() {
        case nil: break
        case .moved(let settings):
            next = settings
            isGone = false
            attempt.makeDue()
        case .trouble(let error):
            if error.code == .missing { (isGone, next) = (current != nil, nil) }
            tell(error)
        }
        guard let next, current?.isTravelling != true, attempt.restartIfDue() else { return }
        do {
            let sink = try makeSink(next)
            if let current { sink.takeOver(current.giveUp()) }
            current = sink
            (self.next, trouble) = (nil, "")
            logger.notice("The endpoint file says where OpenSearch is", ["endpoint": next.endpoint])
        } catch {
            tell(error)
        }
    }

    /// Once for each change; of a store that is not known yet, the health tells.
    private func tell(_ error: any Error) {
        guard "\(error)" != trouble else { return }
        trouble = "\(error)"
        guard current != nil else { return }
        logger.warning(
            isGone
                ? "The endpoint file is gone; events wait until it is there again"
                : next == nil
                    ? "The endpoint file is of no use; what it said before stays in force"
                    : "What the endpoint file says cannot be used; events wait",
            ["reason": trouble])
    }
}
