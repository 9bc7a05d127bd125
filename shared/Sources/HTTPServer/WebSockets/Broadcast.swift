import Synchronization

/// Messages for many WebSockets: each is encoded once and held once, in a ring, in which each client has a position.
///
/// A client that reads too slowly costs no memory: once the ring has overtaken it, it is told so and starts afresh, with the
/// newest snapshot where there are any, or with the next message.
public final class Broadcast: Sendable {
    /// The position of a client.
    enum Place: Equatable {
        /// Before a snapshot, for which it waits if there is none yet.
        case snapshot
        /// Before the message with this number.
        case message(Int)
    }

    private struct State {
        /// Message `n` is at `n % messagesMax`.
        var ring: [WebSocketMessage] = []
        /// The number that the next message will get.
        var next = 0
        var snapshot: (message: WebSocketMessage, next: Int)?
        var isSnapshotWanted = false
        var mailboxes: [LoopMailbox] = []
        /// Whether the loops have been notified and have not looked yet.
        var isNews = false
    }

    private let messagesMax: Int
    private let hasSnapshots: Bool
    private let snapshotAgeMax: Int
    private let notice: @Sendable (Int) -> WebSocketMessage
    private let state = Mutex(State())

    /// A broadcast without messages.
    ///
    /// - Parameters:
    ///   - messagesMax: how far a client may be behind.
    ///   - hasSnapshots: whether a client begins with a snapshot.
    ///   - snapshotAgeMax: how many messages may follow a snapshot before nobody begins with it any more; at most as many as
    ///   the ring has.
    ///   - notice: makes the message to a client that has missed so many, before it starts afresh.
    public init(
        messagesMax: Int = 64, hasSnapshots: Bool = false, snapshotAgeMax: Int = .max,
        notice: @escaping @Sendable (Int) -> WebSocketMessage
    ) {
        self.messagesMax = max(1, messagesMax)
        self.hasSnapshots = hasSnapshots
        self.snapshotAgeMax = max(0, snapshotAgeMax)
        self.notice = notice
    }

    /// Sends a message to all clients that follow the broadcast.
    public func publish(_ message: WebSocketMessage) {
        change { state in
            if state.ring.count < messagesMax {
                state.ring.append(message)
            } else {
                state.ring[state.next % messagesMax] = message
            }
            state.next += 1
        }
    }

    /// Whether a client waits for a snapshot: there is none, or the ring has overtaken it.
    public var isSnapshotWanted: Bool {
        state.withLock { $0.isSnapshotWanted }
    }

    /// Replaces the snapshot, which stands for all messages up to now; held once for all clients that start there.
    public func publishSnapshot(_ message: WebSocketMessage) {
        change { state in
            state.snapshot = (message, state.next)
            state.isSnapshotWanted = false
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let mailboxes = state.withLock { state in
            body(&state)
            defer { state.isNews = !state.mailboxes.isEmpty }
            return state.isNews ? [] : state.mailboxes
        }
        for mailbox in mailboxes { mailbox.post { [self] loop in loop.broadcastHasNews(self) } }
    }

    // MARK: - For the loop

    /// From now on the loop is notified of messages.
    func attach(_ mailbox: LoopMailbox) {
        state.withLock { state in
            if !state.mailboxes.contains(where: { $0 === mailbox }) { state.mailboxes.append(mailbox) }
        }
    }

    /// The loop is no longer notified.
    func detach(_ mailbox: LoopMailbox) {
        state.withLock { state in
            state.mailboxes.removeAll { $0 === mailbox }
            state.isNews = false
        }
    }

    /// The loop looks now; later messages notify it again.
    func noteThatLoopLooks() {
        state.withLock { $0.isNews = false }
    }

    /// The position of a new client.
    var beginning: Place {
        hasSnapshots ? .snapshot : .message(state.withLock { $0.next })
    }

    /// - Returns: the next message for a client, nil while it has to wait, and its position after that.
    func step(from place: Place) -> (message: WebSocketMessage?, place: Place) {
        state.withLock { state in
            switch place {
            case .snapshot:
                if let snapshot = state.snapshot, state.next - snapshot.next <= min(state.ring.count, snapshotAgeMax) {
                    return (snapshot.message, .message(snapshot.next))
                }
                state.isSnapshotWanted = true
                return (nil, .snapshot)
            case .message(let number):
                let missed = state.next - number
                guard missed > 0 else { return (nil, place) }
                if missed <= state.ring.count {
                    return (state.ring[number % messagesMax], .message(number + 1))
                }
                return (notice(missed), hasSnapshots ? .snapshot : .message(state.next))
            }
        }
    }
}
