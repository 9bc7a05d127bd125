import CProcesses
import Glibc
public import Lifecycle
import Synchronization

/// A running program, the leader of a process group of its own.
///
/// It is killed when this object is released, and dies with this process even if that is killed. It starts with no signal
/// blocked or ignored, and with no descriptors but the standard ones. Not for use by two threads at once.
public final class ChildProcess {
    /// Its process id.
    public let pid: Int32
    /// Readable once it has ended (pidfd_open(2)); to be polled only, never read or closed by the caller.
    public let fileDescriptor: Int32
    /// How it ended; nil as long as that is not known.
    public private(set) var ending: ProcessEnding?
    /// Its captured output.
    public private(set) var output: [UInt8] = []
    /// Whether it has written more than is captured.
    public private(set) var isOutputCut = false

    private let outputBytesMax: Int
    /// The end of the pipe that this process reads; nil when nothing is captured, or everything has been read.
    private var outputPipe: Int32?

    /// Starts a program.
    ///
    /// - Throws: ``ProcessError``, also when the file is not executable or a limit cannot be set.
    public init(_ program: Program) throws(ProcessError) {
        var closedAfterwards: [Int32] = []
        defer { for descriptor in closedAfterwards { close(descriptor) } }
        func opened(_ path: String, _ flags: Int32) throws(ProcessError) -> Int32 {
            let descriptor = open(path, flags | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw ProcessError(path, code: errno) }
            closedAfterwards.append(descriptor)
            return descriptor
        }

        let input =
            switch program.input {
            case .nothing: try opened("/dev/null", O_RDONLY)
            case .descriptor(let descriptor): descriptor
            }
        let outputDescriptor: Int32
        var caught: Int32?
        switch program.output {
        case .discarded: (outputDescriptor, outputBytesMax) = (try opened("/dev/null", O_WRONLY), 0)
        case .file(let path): (outputDescriptor, outputBytesMax) = (try opened(path, O_WRONLY | O_CREAT | O_APPEND), 0)
        case .caught(let bytesMax):
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw ProcessError("pipe", code: errno) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            closedAfterwards.append(ends[1])
            // Only this end: the program expects a pipe that blocks.
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            (outputDescriptor, outputBytesMax, caught) = (ends[1], bytesMax, ends[0])
        }
        let errors = if case .inherited = program.errors { STDERR_FILENO } else { outputDescriptor }
        switch Self.startOnThread(program, descriptors: (input, outputDescriptor, errors)) {
        case .success(let started): (pid, fileDescriptor) = started
        case .failure(let error):
            if let caught { close(caught) }
            throw error
        }
        outputPipe = caught
    }

    deinit {
        if ending == nil { reap(options: 0) }
        if let outputPipe { close(outputPipe) }
        close(fileDescriptor)
    }

    /// Sends a signal to the program and to all that it has started.
    public func send(_ signal: Int32) {
        // Once it is reaped, the id may belong to another process.
        if ending == nil { Glibc.kill(-pid, signal) }
    }

    /// Waits for its end, and collects its output meanwhile.
    ///
    /// - Parameters:
    ///   - deadline: when to stop waiting; with one that has passed, only its state is checked.
    ///   - stop: ends the waiting early; nil for none.
    /// - Returns: how it ended; nil when it is still running.
    @discardableResult
    public func wait(until deadline: Deadline, stop: StopSignal? = nil) -> ProcessEnding? {
        while ending == nil {
            var polled = [
                pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0),
                // poll(2) skips negative descriptors.
                pollfd(fd: outputPipe ?? -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop?.fileDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&polled, nfds_t(polled.count), Int32(clamping: deadline.remainingMilliseconds))
            if count < 0, errno != EINTR { return nil }
            takeOutput()
            if polled[0].revents != 0 { reap(options: WNOHANG) }
            if ending == nil, deadline.hasPassed || stop?.isStopped == true { return nil }
        }
        takeOutput()
        return ending
    }

    /// Asks it to end by SIGTERM, and kills it and all that it has started if it has not ended in time.
    ///
    /// - Parameter graceMilliseconds: how long it may take to end by itself.
    @discardableResult
    public func stop(graceMilliseconds: Int) -> ProcessEnding {
        send(SIGTERM)
        // A stopped process handles no signal but SIGKILL until it is continued.
        send(SIGCONT)
        return wait(until: .milliseconds(graceMilliseconds)) ?? kill()
    }

    /// Kills it and all that it has started at once.
    @discardableResult
    public func kill() -> ProcessEnding {
        send(SIGKILL)
        // Only the kernel can still delay it, as in a system call that waits for a disk.
        while true {
            if let ending = wait(until: .milliseconds(1_000)) { return ending }
        }
    }

    private func reap(options: Int32) {
        // What it has left running is of no use without it. Its id is not reused until it is reaped.
        Glibc.kill(-pid, SIGKILL)
        var status: Int32 = 0
        guard waitpid(pid, &status, options) == pid else { return }
        ending = ProcessEnding(waitStatus: status)
    }

    private func takeOutput() {
        while let pipe = outputPipe {
            let count = withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
                let count = read(pipe, buffer.baseAddress, buffer.count)
                if count > 0 {
                    let kept = min(count, outputBytesMax - output.count)
                    output.append(contentsOf: buffer[..<kept])
                    if kept < count { isOutputCut = true }
                }
                return count
            }
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            if count < 0, errno == EAGAIN { return }
            close(pipe)
            outputPipe = nil
        }
    }

    private typealias Start = Result<(pid: Int32, descriptor: Int32), ProcessError>

    /// What a child's thread reports to the thread that started it.
    private final class StartReport: Sendable {
        let result: Mutex<Start?> = Mutex(nil)
        let isThere = StopSignal()
    }

    /// The kernel ends a child with the thread that started it (prctl(2), `PR_SET_PDEATHSIG`), and threads of a pool
    /// come and go. So each child has a thread, which lives as long as it does.
    private static func startOnThread(_ program: Program, descriptors: (Int32, Int32, Int32)) -> Start {
        let report = StartReport()
        _ = DedicatedThread(stackBytes: 128 * 1024) {
            // Signals are left to the threads of this process that wait for them.
            var all = sigset_t()
            sigfillset(&all)
            pthread_sigmask(SIG_SETMASK, &all, nil)
            let start = start(program, descriptors: descriptors)
            report.result.withLock { $0 = start }
            report.isThere.stop()
            guard case .success(let child) = start else { return }
            // The owner reaps it; if that has happened already, there is nothing to wait for.
            var information = siginfo_t()
            while waitid(P_PID, id_t(child.pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        }
        report.isThere.wait(milliseconds: -1)
        return report.result.withLock { $0 } ?? .failure(ProcessError(program.path, code: EAGAIN))
    }

    private static func start(
        _ program: Program, descriptors: (Int32, Int32, Int32)
    ) -> Start {
        var arguments: [UnsafeMutablePointer<CChar>?] =
            ([program.name ?? program.path] + program.arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (program.environment ?? [:]).map { strdup("\($0.key)=\($0.value)") } + [nil]
        let path = strdup(program.path)
        let folder = program.folder.flatMap { strdup($0) }
        defer { for text in arguments + variables + [path, folder] { free(text) } }
        let limits = program.limits.all.map { child_limit(resource: $0.resource, maximum: rlim_t($0.maximum)) }
        var (pid, descriptor): (Int32, Int32) = (-1, -1)
        let code = arguments.withUnsafeMutableBufferPointer { arguments in
            variables.withUnsafeMutableBufferPointer { variables in
                limits.withUnsafeBufferPointer { limits in
                    var plan = child_plan()
                    plan.path = UnsafePointer(path)
                    plan.arguments = UnsafePointer(arguments.baseAddress)
                    plan.environment = UnsafePointer(program.environment == nil ? environ : variables.baseAddress)
                    plan.folder = UnsafePointer(folder)
                    plan.descriptors = descriptors
                    plan.limits = limits.baseAddress
                    plan.limit_count = limits.count
                    return child_start(&plan, &pid, &descriptor)
                }
            }
        }
        return code == 0 ? .success((pid, descriptor)) : .failure(ProcessError(program.path, code: code))
    }
}
