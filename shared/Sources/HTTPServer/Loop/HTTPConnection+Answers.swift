import CWebSockets
import Glibc
import HTTPTypes

/// From an answer to its last byte.
extension HTTPConnection {
    /// The number of pieces that one client gets before it is the others' turn.
    private static let piecesInTurnMax = 16

    /// Sends what the client takes at once, and the rest when it takes more.
    ///
    /// - Returns: whether the connection goes on, here and below.
    func answer(_ answer: Answer) -> Bool {
        if loop.isStopping { closesAfterAnswer = true }
        state = .answering(
            AnswerInProgress(
                answer, fields: loop.content.fields, sendsBody: !isHeadOnly, closes: closesAfterAnswer))
        return advance(isBeginning: true)
    }

    /// The client can take more.
    func writable() -> Bool {
        switch state {
        case .answering: advance(isBeginning: false)
        case .answered: writableAfterAnswer()
        case .ending: isLingering
        default: true
        }
    }

    private func writableAfterAnswer() -> Bool {
        loop.afterTurn(key)
        return true
    }

    private func advance(isBeginning: Bool) -> Bool {
        guard case .answering(var progress) = state else { return true }
        // The state lets go of it, so that it changes in place without a copy.
        state = .working
        for turn in 0..<Self.piecesInTurnMax {
            if progress.output.isEmpty {
                guard let producer = progress.takeProducer() else {
                    guard case .away = progress.source else { return complete() }
                    state = .answering(progress)
                    return true
                }
                state = .answering(progress)
                return produce(with: producer)
            }
            // The start of an answer is sent without waiting until the socket is writable: one system call less for each.
            if !(isBeginning && turn == 0), lws_send_pipe_choked(handle) != 0 { break }
            let isSent = loop.write(LWS_WRITE_HTTP, handle) { room in
                let count = progress.output.take(into: room)
                pace.moved(count)
                return count
            }
            guard isSent else { return false }
        }
        state = .answering(progress)
        readsOn(true)
        waitsForClient()
        lws_callback_on_writable(handle)
        return true
    }

    /// The whole answer has been handed to the library.
    private func complete() -> Bool {
        silence()
        if closesAfterAnswer {
            state = .ending
            if isBodyUnread { linger() }
            return isLingering
        }
        // What the client has sent behind its request is buffered once the library's current call has returned.
        readsOn(false)
        state = .answered
        loop.afterTurn(key)
        return true
    }

    /// Goes on to the next request, outside of the library's calls.
    func finish() {
        guard case .answered = state else { return }
        readsOn(true)
        guard lws_partial_buffered(handle) == 0 else {
            waitsForClient()
            lws_callback_on_writable(handle)
            return
        }
        silence()
        state = .waiting
        guard lws_http_transaction_completed(handle) == 0 else { return closeSoon() }
        isPipelined = RequestReader(handle).hasHeaderTable
    }

    // MARK: - Pieces

    private func produce(with producer: any BodyProducer) -> Bool {
        readsOn(false)
        waitsForUs()
        return loop.pool.goOn { [key, mailbox = loop.mailbox] in
            var producer = producer
            let result = Result { try producer.next() }
            let returned = producer
            mailbox.post { $0.connection(key)?.produced(result, by: returned) }
        }
    }

    private func produced(_ result: Result<[UInt8]?, any Error>, by producer: any BodyProducer) {
        guard case .answering(var progress) = state else { return }
        state = .working
        switch result {
        case .failure(let error):
            loop.content.log("an answer could not be completed: \(error)")
            return kill()
        case .success(let piece):
            guard progress.produced(piece, by: producer) else {
                loop.content.log("an answer is not as long as it has said")
                return kill()
            }
        }
        state = .answering(progress)
        if !advance(isBeginning: false) { closeSoon() }
    }

    // MARK: - The end

    /// Reads what the client still sends for a moment, and then closes. Closing at once with unread bytes would make the kernel
    /// reset the connection, and the answer on its way would be lost.
    func linger() {
        state = .ending
        isLingering = true
        if !isEncrypted, lws_partial_buffered(handle) == 0 { shutdown(lws_get_socket_fd(handle), Int32(SHUT_WR)) }
        ring(afterSeconds: 1)
    }
}
