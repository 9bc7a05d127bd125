/// A body that is taken piece by piece.
final class UploadInProgress {
    enum Consumer {
        /// It is idle.
        case idle(any UploadConsumer)
        /// A worker has it, or is making it.
        case away
    }

    fileprivate var consumer = Consumer.away
    /// What has arrived and has not been taken.
    fileprivate var waiting: [UInt8] = []
    private let abandon: (any UploadConsumer) -> Void

    init(abandon: @escaping (any UploadConsumer) -> Void) {
        self.abandon = abandon
    }

    /// Abandons the consumer; one that a worker has is abandoned when it comes back and finds no connection.
    func connectionEnded() {
        if case .idle(let consumer) = consumer { abandon(consumer) }
    }
}

extension HTTPConnection {
    /// A worker's step with a consumer, which is nil before it is made and after it has finished.
    private typealias Step = @Sendable (inout (any UploadConsumer)?) throws -> Answer?

    func beginUpload(_ begin: @escaping @Sendable () throws -> any UploadConsumer) -> Bool {
        let unread = bodyBytesLeft > 0 ? RequestReader.Body.bytes(bodyBytesLeft) : .none
        let isTaken = loop.pool.begin(
            job(nil) { consumer in
                consumer = try begin()
                return nil
            })
        guard isTaken else { return refuse(busy, unread: unread) }
        state = .uploading(UploadInProgress { [loop] in loop.abandon($0) })
        if bodyBytesLeft > 0 { waitsForClient() } else { waitsForUs() }
        return true
    }

    func uploadArrived(_ bytes: UnsafeRawBufferPointer, _ upload: UploadInProgress) {
        upload.waiting += bytes
        if upload.waiting.count >= loop.limits.uploadBufferBytesMax {
            readsOn(false)
            // The library restarts the client's timeout when this returns.
            loop.mailbox.post { [key] loop in loop.connection(key)?.pauseTimeOfUpload() }
        }
        goOn(upload)
    }

    private func pauseTimeOfUpload() {
        guard case .uploading(let upload) = state, upload.waiting.count >= loop.limits.uploadBufferBytesMax else {
            return
        }
        waitsForUs()
    }

    private func goOn(_ upload: UploadInProgress) {
        guard case .idle(let consumer) = upload.consumer else { return }
        if !upload.waiting.isEmpty {
            let piece = upload.waiting
            upload.waiting = []
            upload.consumer = .away
            _ = loop.pool.goOn(
                job(consumer) { consumer in
                    try consumer?.take(piece)
                    return nil
                })
            if bodyBytesLeft > 0 {
                readsOn(true)
                waitsForClient()
            }
        } else if bodyBytesLeft == 0 {
            upload.consumer = .away
            readsOn(false)
            waitsForUs()
            _ = loop.pool.goOn(
                job(consumer) { consumer in
                    let answer = try consumer?.finish()
                    consumer = nil
                    return answer
                })
        }
    }

    private func job(_ consumer: (any UploadConsumer)?, _ step: @escaping Step) -> WorkPool.Job {
        { [key, mailbox = loop.mailbox] in
            var consumer = consumer
            let result = Result { try step(&consumer) }
            if case .failure = result {
                consumer?.abandon()
                consumer = nil
            }
            let returned = consumer
            mailbox.post { loop in
                if let connection = loop.connection(key) {
                    connection.uploadReturned(returned, result)
                } else if let returned {
                    loop.abandon(returned)
                }
            }
        }
    }

    private func uploadReturned(_ consumer: (any UploadConsumer)?, _ result: Result<Answer?, any Error>) {
        guard case .uploading(let upload) = state else {
            if let consumer { loop.abandon(consumer) }
            return
        }
        if case .success(nil) = result, let consumer {
            upload.consumer = .idle(consumer)
            return goOn(upload)
        }
        if bodyBytesLeft > 0 {
            closesAfterAnswer = true
            isBodyUnread = true
        }
        let answer = answer(for: result.map { $0 ?? .whole(ServerResponse(.noContent)) })
        if !self.answer(answer) { closeSoon() }
    }
}
