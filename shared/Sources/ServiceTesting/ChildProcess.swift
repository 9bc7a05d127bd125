public import Glibc

/// A process that a test has started. It dies with the test, also when that is killed.
public final class ChildProcess {
    /// It could not be started.
    public struct SpawnFailure: Error {
        /// The file that was to run.
        public var path: String
        /// `errno`.
        public var code: Int32
    }

    /// Its number.
    public let pid: pid_t
    private let watchdog: pid_t
    /// Closed by the kernel when this process dies, which wakes the watchdog.
    private let lifeline: Int32
    private var isReaped = false

    /// Starts a process.
    /// - Parameters:
    ///   - path: the file to run.
    ///   - arguments: its words, the first of which is its own name.
    ///   - outputFile: takes what it prints.
    public init(_ path: String, arguments: [String], outputFile: String) throws {
        pid = try Self.spawn(path, arguments, input: nil, outputFile: outputFile)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            kill(pid, SIGKILL)
            throw SpawnFailure(path: "pipe", code: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        lifeline = ends[1]
        let script = "cat > /dev/null; kill -9 \(pid) 2> /dev/null"
        defer { close(ends[0]) }
        do {
            watchdog = try Self.spawn(
                "/bin/sh", ["sh", "-c", script], input: ends[0], outputFile: "/dev/null")
        } catch {
            kill(pid, SIGKILL)
            throw error
        }
    }

    deinit {
        end(SIGKILL)
        kill(watchdog, SIGKILL)
        var status: Int32 = 0
        waitpid(watchdog, &status, 0)
        close(lifeline)
    }

    /// Sends the signal and waits for the end.
    public func end(_ signal: Int32) {
        guard !isReaped else { return }
        isReaped = true
        kill(pid, signal)
        // A stopped process takes no signal but SIGKILL before it goes on.
        kill(pid, SIGCONT)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// Sends a signal that does not end it.
    public func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// Whether it has ended by itself.
    public var hasExited: Bool {
        if isReaped { return true }
        var status: Int32 = 0
        isReaped = waitpid(pid, &status, WNOHANG) == pid
        return isReaped
    }

    private static func spawn(
        _ path: String, _ arguments: [String], input: Int32?, outputFile: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, nil, &words, environ)
        guard code == 0 else { throw SpawnFailure(path: path, code: code) }
        return pid
    }
}
