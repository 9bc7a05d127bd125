import CWebSockets
import Glibc
import HTTPTypes

/// From the request for a WebSocket to the end of the handshake.
extension HTTPConnection {
    /// - Returns: 0 to go on with the handshake, -1 to close the connection when what it holds has been sent.
    func upgradeWanted() -> Int32 {
        let reader = RequestReader(handle)
        // The library itself answers an upgrade to a protocol that it does not know, and yet calls here.
        guard case .waiting = state, let upgrade = reader.upgrade,
            var request = reader.request(from: peer, headerNames: loop.headerNames)
        else { return -1 }
        do throws(Refusal) {
            guard upgrade == "websocket" else { throw refusal(.badRequest, "only WebSockets are an upgrade here") }
            session = try agree(&request)
            return 0
        } catch {
            closesAfterAnswer = true
            let answer = AnswerInProgress(
                .whole(error.response), fields: loop.content.fields, sendsBody: true, closes: true)
            var output = answer.output
            state = .ending
            while !output.isEmpty {
                guard loop.write(LWS_WRITE_HTTP, handle, fill: { output.take(into: $0) }) else { break }
            }
            return -1
        }
    }

    private func agree(_ request: inout ServerRequest) throws(Refusal) -> any WebSocketSession {
        let route = try route(of: &request)
        guard case .webSocket(let subprotocols, let open) = route.responder else {
            throw refusal(.badRequest, "no WebSocket is served here")
        }
        let fields = request.head.fields
        guard isOriginAllowed(fields) else {
            throw refusal(.forbidden, "pages of other origins may not open WebSockets here")
        }
        guard fields["sec-websocket-version"] == "13", fields["sec-websocket-key"] != nil else {
            throw refusal(HTTPStatus(426), "version 13 of the WebSocket protocol is spoken here")
        }
        guard isSpoken(fields, subprotocols) else {
            let names = subprotocols.joined(separator: ", ")
            throw refusal(.badRequest, names.isEmpty ? "no subprotocol is spoken here" : "spoken here: \(names)")
        }
        if let response = route.admission?(&request) { throw Refusal(response) }
        guard !loop.isStopping, loop.webSocketCount < loop.limits.webSocketsMax else { throw Refusal(busy) }
        let session: any WebSocketSession
        do {
            session = try open(request)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            loop.content.log("a WebSocket could not be opened: \(error)")
            throw refusal(.internalServerError, "the server has failed; its log says why")
        }
        guard loop.webSocketCount(of: session.clientName) < loop.limits.webSocketsOfClientMax else {
            throw Refusal(busy)
        }
        return session
    }

    /// A browser names the page's origin. Other programs need not, and could claim any.
    private func isOriginAllowed(_ fields: HTTPFields) -> Bool {
        guard let origin = fields["origin"]?.lowercased() else { return true }
        if loop.content.origins.contains(where: { $0.lowercased() == origin }) { return true }
        guard let host = fields["host"]?.lowercased() else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    /// The library takes the first of the client's subprotocols that any route speaks.
    private func isSpoken(_ fields: HTTPFields, _ subprotocols: [String]) -> Bool {
        let offered = (fields["sec-websocket-protocol"] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
        if subprotocols.isEmpty { return offered.isEmpty }
        let known = Set(loop.content.router.routes.flatMap(\.subprotocols) + ["http"])
        return offered.first { known.contains($0) }.map(subprotocols.contains) ?? false
    }

    /// The handshake is complete.
    func webSocketOpened() -> Bool {
        guard let session else { return false }
        self.session = nil
        loop.setOption(lws_get_socket_fd(handle), SOL_SOCKET, SO_SNDBUF, WebSocketConnection.sendBufferBytes)
        let socket = WebSocketConnection(handle, loop, session, key)
        state = .webSocket(socket)
        socket.opened()
        return true
    }
}
