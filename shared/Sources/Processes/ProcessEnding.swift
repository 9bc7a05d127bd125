import Glibc

/// How a process ended.
public enum ProcessEnding: Sendable, Equatable, CustomStringConvertible {
    /// It exited with a status; 0 is success.
    case exited(status: Int32)
    /// It was ended by a signal, such as SIGKILL from the kernel when memory ran out.
    case killed(signal: Int32)

    /// Made from the status of waitpid(2), whose macros Swift does not import.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited(status: waitStatus >> 8 & 0xff) : .killed(signal: signal)
    }

    /// A description for people: `status 1`, `signal 9 (Killed)`.
    public var description: String {
        switch self {
        case .exited(let status): "status \(status)"
        case .killed(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}
