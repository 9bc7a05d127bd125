import Glibc

/// How a process ended.
public enum ProcessEnding: Sendable, Equatable, CustomStringConvertible {
    /// By itself, with a status; 0 is success.
    case exited(status: Int32)
    /// By a signal, as SIGKILL of the kernel for want of memory.
    case killed(signal: Int32)

    /// From what waitpid(2) gives, whose macros Swift does not import.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited(status: waitStatus >> 8 & 0xff) : .killed(signal: signal)
    }

    /// For people: `status 1`, `signal 9 (Killed)`.
    public var description: String {
        switch self {
        case .exited(let status): "status \(status)"
        case .killed(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
        }
    }
}
