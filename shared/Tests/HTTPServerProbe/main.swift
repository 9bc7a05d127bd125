import APIDescription
import Glibc
import HTTPServer
import Lifecycle

// A server with a route for each thing that a server can do: what the tests and benchmarks of HTTPServer run.
//
//   http-server-probe FOLDER [KEY=VALUE…]
//
// It listens on a free port of the loopback and on FOLDER/socket, prints "port NUMBER", and stores uploads in FOLDER.

let arguments = ProbeArguments(CommandLine.arguments.dropFirst())
let server = try HTTPServer(
    arguments.listeners, router: ProbeRoutes(arguments).router, limits: arguments.limits,
    refusal: Problem.response, log: { say("log: \($0)") })
for port in server.ports { say("port \(port)") }

let stop = StopSignal()
let signals = ProbeSignals.waiting(for: stop, server)
let broadcasting = ProbeBroadcasts.shared.thread(arguments, until: stop)
try server.run(until: stop)
broadcasting.join()
say("ended")
