import Glibc
import HTTPServer
import Lifecycle

// One of the example services; its environment says what it does:
//
//   NAME          what it is called, in answers and as User-Agent
//   BIND, PORT    where it listens; 0.0.0.0 and 8080
//   CALLS         URLs with spaces between: a request to it makes one to the first, and passes on how that ended
//   CALL_SECONDS  as often it calls one by itself, all of them in turn; 0 for never
//   FAIL_EVERY    each such answer is 400 instead of 200; 0 for none

let settings = ExampleSettings(environment: { getenv($0).map { String(cString: $0) } })
let neighbours = Neighbours(urls: settings.calls, userAgent: settings.name)
let server = try HTTPServer(
    [.tcp(bind: settings.bind, port: settings.port)], router: ExampleAnswers(settings, neighbours).router)
let stop = StopSignal()
let calling = neighbours.callRegularly(seconds: settings.callSeconds, until: stop)
print("\(settings.name) listens on port \(server.port)")
fflush(nil)
try server.run(until: stop)
