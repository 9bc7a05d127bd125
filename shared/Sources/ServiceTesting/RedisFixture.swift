import Glibc
import Lifecycle
import Logging
import Processes
public import RedisStreams

/// A real redis-server of one test's own: on a free port of the loopback, in a directory of its own, with an
/// append-only file, so that it can be killed and come back.
public final class RedisFixture {
    /// The server did not start.
    public struct StartError: Error, CustomStringConvertible {
        /// What it printed, or what was missing.
        public var description: String
    }

    /// Its data and its log.
    public let directory: TemporaryDirectory
    /// How it is reached. Change what the configuration of the server asks for, such as a password.
    public var options: RedisOptions
    private let binary: RedisServerBinary
    private var configuration: [String]
    private var process: ChildProcess?
    private var control: RedisLink?

    /// Starts the server and waits until it answers.
    /// - Parameters:
    ///   - configuration: words of its command line, for example `["--maxmemory", "8mb"]`.
    ///   - options: changes how it is reached.
    public init(_ configuration: [String] = [], options change: (inout RedisOptions) -> Void = { _ in }) throws {
        guard let binary = RedisServerBinary.found else { throw StartError(description: RedisServerBinary.absence) }
        self.binary = binary
        self.configuration = configuration
        directory = try TemporaryDirectory("redis")
        var options = RedisOptions(port: 0)
        options.backoffMaxMilliseconds = 200
        change(&options)
        self.options = options
        // Somebody else may take the port between the look and the start.
        for attempt in 1...5 {
            self.options.port = try freePort()
            do {
                try start()
                break
            } catch {
                process = nil
                guard attempt < 5 else { throw error }
            }
        }
    }

    /// The port on 127.0.0.1.
    public var port: Int { options.port }

    /// Kills the server as a power cut would.
    public func kill9() {
        control = nil
        process?.kill()
        process = nil
    }

    /// Ends the server in order.
    public func stop() {
        control = nil
        process?.stop(graceMilliseconds: 30_000)
        process = nil
    }

    /// Starts the server again on the same port, with the data that its append-only file holds.
    /// - Parameter extra: further words of the command line, for this start and later ones.
    public func restart(_ extra: [String] = []) throws {
        stop()
        configuration += extra
        try start()
    }

    /// Lets the server stand still, alive but silent, until `resume()`.
    public func pause() { process?.send(SIGSTOP) }

    /// Lets the server go on.
    public func resume() { process?.send(SIGCONT) }

    /// Starts the server without waiting until it answers.
    /// - Parameter extra: further words of the command line, for this start and later ones.
    public func launch(_ extra: [String] = []) throws {
        configuration += extra
        var server = Program(
            binary.path,
            [
                "--port", String(port), "--bind", "127.0.0.1", "--dir", directory.path, "--save",
                "", "--appendonly", "yes", "--enable-debug-command", "yes", "--daemonize", "no", "--loglevel",
                "warning",
            ] + configuration)
        server.name = binary.firstArgument
        server.output = .file(directory.file("redis.log"))
        process = try ChildProcess(server)
    }

    /// Sends one command and gives the answer, also when that is an error.
    @discardableResult
    public func call(_ words: RedisArgument...) throws -> RedisReply {
        let link = control ?? RedisLink(options, service: "fixture", stop: StopSignal(), logger: .silent)
        control = link
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while MonotonicClock.nanoseconds() < deadline {
            do {
                if let reply = try link.call(words, waitMilliseconds: 50) { return reply }
                guard let fault = link.fault, fault.code != .loading, fault.code != .connection else { continue }
                control = nil
                return .error(fault)
            } catch {
                return .error(error)
            }
        }
        throw StartError(description: link.fault?.description ?? "no answer")
    }

    private func start() throws {
        try launch()
        let link = RedisLink(options, service: "fixture", stop: StopSignal(), logger: .silent)
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while MonotonicClock.nanoseconds() < deadline {
            if try link.call(["PING"], waitMilliseconds: 20) != nil { return }
            guard process?.wait(until: .now) == nil else { break }
        }
        throw StartError(description: "redis-server did not answer: \(link.fault?.description ?? "it ended")")
    }
}
