import CWebSockets
import HTTPTypes

/// From the head of a request to the route that answers it.
extension HTTPConnection {
    /// The head of a request is there.
    ///
    /// - Returns: whether the connection goes on, here and below.
    func requestArrived() -> Bool {
        let reader = RequestReader(handle)
        guard case .waiting = state, var request = reader.request(from: peer, headerNames: loop.headerNames) else {
            return false
        }
        isHeadOnly = request.method == .head
        let body = reader.body(for: request.method)
        if isPipelined, body != .none { return refusePipelined() }
        isPipelined = false
        let route: Route
        do throws(Refusal) {
            route = try admit(&request, body)
        } catch {
            return refuse(error.response, unread: body)
        }
        if case .bytes(let count) = body { bodyBytesLeft = count } else { bodyBytesLeft = 0 }
        if request.head.fields["expect"]?.lowercased() == "100-continue", bodyBytesLeft > 0 {
            let goAhead = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            guard loop.write(goAhead[...], LWS_WRITE_HTTP_HEADERS, handle) else { return false }
        }
        return begin(request, route)
    }

    /// Finds the route of a request, and sets its parameters in the request.
    func route(of request: inout ServerRequest) throws(Refusal) -> Route {
        let fields = request.head.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard request.head.target.utf8.count + fields <= loop.limits.requestHeaderBytesMax else {
            throw refusal(
                .headerFieldsTooLarge,
                "target and headers are longer than \(loop.limits.requestHeaderBytesMax) bytes")
        }
        switch loop.content.router.match(request.method, request.path) {
        case .nothing: throw refusal(.notFound, "there is nothing at this path")
        case .otherMethods(let methods): throw methodRefusal(methods)
        case .route(let route, let parameters):
            request.parameters = parameters
            return route
        }
    }

    /// Decides by the head alone whether the body will be taken.
    private func admit(_ request: inout ServerRequest, _ body: RequestReader.Body) throws(Refusal) -> Route {
        if body == .nonsense { throw refusal(.badRequest, "the length of the body is unclear") }
        let route = try route(of: &request)
        if body == .unknownLength { throw refusal(.lengthRequired, "the length of the body must be sent before it") }
        if case .bytes(let count) = body, count > route.bodyBytesMax {
            throw refusal(.contentTooLarge, "the body is longer than \(route.bodyBytesMax) bytes")
        }
        if let response = route.admission?(&request) { throw Refusal(response) }
        return route
    }

    private func begin(_ request: ServerRequest, _ route: Route) -> Bool {
        switch route.responder {
        case .onLoop(let respond): return answer(answer(for: Result { try respond(request) }))
        case .webSocket:
            var response = loop.content.refusal(HTTPStatus(426), "only WebSockets are served here")
            response.fields.append("upgrade", "websocket")
            return answer(.whole(response))
        case .upload(_, let begin):
            guard loop.uploadCount < loop.limits.uploadsMax else {
                return refuse(busy, unread: bodyBytesLeft > 0 ? .bytes(bodyBytesLeft) : .none)
            }
            return beginUpload { try begin(request) }
        case .onWorker:
            guard bodyBytesLeft > 0 else { return work(on: request, route) }
            state = .collecting(request, route)
            waitsForClient()
            return true
        }
    }

    /// A part of the body.
    func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bodyBytesLeft -= bytes.count
        pace.moved(bytes.count)
        switch state {
        case .collecting(var request, let route):
            // The state lets go of the body, so that it grows in place without a copy.
            state = .working
            request.body += bytes
            state = .collecting(request, route)
        case .uploading(let upload): uploadArrived(bytes, upload)
        default: break
        }
        return true
    }

    /// The body is complete.
    func bodyEnded() -> Bool {
        switch state {
        case .collecting(let request, let route): return work(on: request, route)
        case .ending: return false
        default: return true
        }
    }

    private func work(on request: ServerRequest, _ route: Route) -> Bool {
        guard case .onWorker(_, let respond) = route.responder else { return false }
        state = .working
        readsOn(false)
        waitsForUs()
        let isTaken = loop.pool.begin { [key, mailbox = loop.mailbox] in
            let result = Result { try respond(request) }
            mailbox.post { $0.connection(key)?.workerAnswered(result) }
        }
        return isTaken || answer(.whole(busy))
    }

    private func workerAnswered(_ result: Result<Answer, any Error>) {
        guard case .working = state else { return }
        if !answer(answer(for: result)) { closeSoon() }
    }

    // MARK: - Refusals

    /// The answer of a route, or the one that stands for the error that it threw.
    func answer(for result: Result<Answer, any Error>) -> Answer {
        switch result {
        case .success(let answer): return answer
        case .failure(let refusal as Refusal): return .whole(refusal.response)
        case .failure(let error):
            loop.content.log("a request could not be answered: \(error)")
            return .whole(loop.content.refusal(.internalServerError, "the server has failed; its log says why"))
        }
    }

    /// Answers a request without reading its body. Since the next request would only begin behind it, the connection ends.
    func refuse(_ response: ServerResponse, unread body: RequestReader.Body) -> Bool {
        if body != .none {
            closesAfterAnswer = true
            isBodyUnread = true
        }
        return answer(.whole(response))
    }

    /// Refuses a body that was sent before the answer to the previous request; no browser does that. The library would read such a
    /// buffered body from the wrong position and never reach its end.
    private func refusePipelined() -> Bool {
        closesAfterAnswer = true
        _ = answer(.whole(loop.content.refusal(.badRequest, "a body was sent before the answer to the last request")))
        return false
    }

    func refusal(_ status: HTTPStatus, _ reason: String) -> Refusal {
        Refusal(loop.content.refusal(status, reason))
    }

    func methodRefusal(_ methods: [HTTPMethod]) -> Refusal {
        let names = methods.map(\.name).joined(separator: ", ")
        var response = loop.content.refusal(.methodNotAllowed, "only \(names) can be done here")
        response.fields.append("allow", names)
        return Refusal(response)
    }

    var busy: ServerResponse {
        var response = loop.content.refusal(.serviceUnavailable, "too much is being done already")
        response.fields.append("retry-after", "\(loop.limits.retryAfterSeconds)")
        return response
    }
}
