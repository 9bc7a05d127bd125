import Digest
import HTTPServer
import HTTPTypes
import Lifecycle
import Synchronization

/// Requests that carry an `Idempotency-Key`: one that comes again, because its answer was lost on the way, is not carried out
/// again and gets that answer.
///
/// Only what was done is kept: what was refused or has failed changed nothing and may be tried again. Answers are in memory, a bounded
/// number of them for an hour; they end with the process.
final class IdempotentRequests: Sendable {
    static let key = Parameter(
        "Idempotency-Key", in: .header, optional: .text(bytesMax: 64),
        "Any text of your own: a request with it that is sent again within the hour is carried out once.")

    /// Answers that are kept at most; beyond, the oldest are forgotten.
    static let countMax = 256
    /// A longer answer is not kept; that the request was carried out is.
    static let answerBytesMax = 4 << 10
    private static let keptNanoseconds: Int64 = 3_600_000_000_000

    /// What makes a key one's own: two people, or two sessions of one person, may use the same.
    private struct Scope: Hashable {
        let caller: String
        let credentials: String
        let operation: String
        let key: String
    }

    private struct Attempt {
        enum State {
            case underWay
            case done(ServerResponse?)
        }

        let content: UInt64
        let began: Int64
        var state = State.underWay
    }

    private struct Kept {
        var attempts: [Scope: Attempt] = [:]
        /// The oldest first.
        var order: [Scope] = []

        mutating func removeOld(at now: Int64, age: Int64) {
            while let scope = order.first, attempts[scope].map({ now - $0.began > age }) ?? true {
                attempts[order.removeFirst()] = nil
            }
        }

        /// Forgets the oldest that is done: one that is under way would be carried out a second time beside itself. There are
        /// never more of those than the server has threads.
        mutating func removeOldestDone() {
            let index = order.firstIndex { scope in
                if case .underWay? = attempts[scope]?.state { false } else { true }
            }
            if let index { attempts[order.remove(at: index)] = nil }
        }
    }

    private let kept = Mutex(Kept())
    private let clock: MonotonicClock

    init(clock: MonotonicClock = .machine) {
        self.clock = clock
    }

    /// Carries a request out, unless it is one that was carried out before.
    ///
    /// - Parameter work: is called on this thread, or not at all.
    /// - Throws: a refusal when the key is that of another request, or of one that is under way; what `work` throws.
    func answer(to call: Call, of operation: String, by work: (Call) throws -> Answer) throws -> Answer {
        guard let key = try call[Self.key] else { return try work(call) }
        let fields = call.request.head.fields
        let scope = Scope(
            caller: call.caller?.name ?? "",
            credentials: [fields["authorization"], fields["cookie"]].map { $0 ?? "" }.joined(separator: "\n"),
            operation: operation, key: key)
        if let response = try begin(scope, content: Self.hash(of: call.request)) { return .whole(response) }
        do {
            let answer = try work(call)
            end(scope, with: answer)
            return answer
        } catch {
            forget(scope)
            throw error
        }
    }

    /// - Returns: the answer of before; nil when the request is to be carried out.
    private func begin(_ scope: Scope, content: UInt64) throws(Refusal) -> ServerResponse? {
        let now = clock.nanoseconds
        let before = kept.withLock { kept -> Attempt? in
            kept.removeOld(at: now, age: Self.keptNanoseconds)
            if let attempt = kept.attempts[scope] { return attempt }
            if kept.order.count >= Self.countMax { kept.removeOldestDone() }
            kept.attempts[scope] = Attempt(content: content, began: now)
            kept.order.append(scope)
            return nil
        }
        guard let before else { return nil }
        guard before.content == content else {
            throw Problem(
                .unprocessableContent, "this key was sent with another request", part: Self.key.name
            ).refusal
        }
        switch before.state {
        case .underWay:
            throw Problem(.conflict, "the request with this key is being carried out", part: Self.key.name).refusal
        case .done(var response?):
            response.fields["idempotent-replayed"] = "true"
            return response
        case .done(nil):
            throw Problem(.conflict, "the request with this key was carried out", part: Self.key.name).refusal
        }
    }

    private func end(_ scope: Scope, with answer: Answer) {
        guard case .whole(let response) = answer else {
            return kept.withLock { $0.attempts[scope]?.state = .done(nil) }
        }
        guard response.status < 300 else { return forget(scope) }
        let isKept = response.body.count <= Self.answerBytesMax
        kept.withLock { $0.attempts[scope]?.state = .done(isKept ? response : nil) }
    }

    private func forget(_ scope: Scope) {
        kept.withLock { kept in
            kept.attempts[scope] = nil
            kept.order.removeAll { $0 == scope }
        }
    }

    private static func hash(of request: ServerRequest) -> UInt64 {
        (Array((request.head.target + "\n").utf8) + request.body).withUnsafeBytes { ContentHash.bits64($0) }
    }
}
