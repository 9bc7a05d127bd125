import Glibc
import HTTPServer
import Lifecycle

/// A broadcast with `rate` messages a second of `bytes` bytes, and a snapshot for who asks.
final class ProbeBroadcasts: Sendable {
    static let shared = ProbeBroadcasts()

    let live = Broadcast(messagesMax: 64, hasSnapshots: true) { WebSocketMessage(text: #"{"resync":\#($0)}"#) }

    func thread(_ arguments: ProbeArguments, until stop: StopSignal) -> DedicatedThread {
        let rate = arguments.number("rate", default: 1)
        let filler = String(repeating: "x", count: arguments.number("bytes", default: 10))
        return DedicatedThread { [live] in
            var number = 0
            while !stop.wait(milliseconds: 1000 / rate) {
                live.publish(WebSocketMessage(text: #"{"n":\#(number),"filler":"\#(filler)"}"#))
                number += 1
                if live.isSnapshotWanted { live.publishSnapshot(WebSocketMessage(text: #"{"snapshot":\#(number)}"#)) }
            }
        }
    }
}

/// A WebSocket that gets a broadcast.
final class Listening: WebSocketSession {
    let clientName: String
    private let broadcast: Broadcast

    init(_ broadcast: Broadcast, client: String) {
        self.broadcast = broadcast
        clientName = client
    }

    func opened(_ socket: WebSocket) {
        socket.subscribe(to: broadcast)
    }
}

/// A WebSocket that gets back what it sends.
final class Echoing: WebSocketSession {
    let clientName = "echo"

    func opened(_ socket: WebSocket) {}

    func received(_ message: WebSocketMessage, on socket: WebSocket) {
        socket.send(message)
    }
}

/// SIGTERM stops the probe, SIGHUP has it read its certificate again.
enum ProbeSignals {
    static func waiting(for stop: StopSignal, _ server: HTTPServer) -> DedicatedThread {
        var set = signals
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        return DedicatedThread {
            var set = signals
            var number: Int32 = 0
            while sigwait(&set, &number) != 0 || number == SIGHUP {
                if number == SIGHUP { server.reloadIdentities() }
            }
            stop.stop()
        }
    }

    private static var signals: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGHUP)
        return set
    }
}
