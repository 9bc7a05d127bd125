import Synchronization

/// Whether a process can do its work now, part by part, each with its reason when it cannot.
public final class Readiness: Sendable {
    /// One thing that the process needs, as a connection.
    public struct Part: Sendable, Equatable {
        /// Short name, `redis`.
        public let name: String
        /// Whether it is there.
        public let isReady: Bool
        /// Why not, in a sentence for people; empty when it is ready.
        public let reason: String
        /// What is wrong with it although it is ready; empty for nothing.
        public let warning: String
    }

    private let state = Mutex<[Part]>([])

    /// Creates a readiness without parts, which is not ready.
    public init() {}

    /// States how a part is now; may be called as often as wanted, from any thread.
    ///
    /// - Parameters:
    ///   - reason: what is reported while the part is not ready.
    ///   - warning: what is reported while it is.
    public func set(_ name: String, ready isReady: Bool, reason: String = "", warning: String = "") {
        let part = Part(
            name: name, isReady: isReady, reason: isReady ? "" : reason, warning: isReady ? warning : "")
        state.withLock { parts in
            if let index = parts.firstIndex(where: { $0.name == name }) {
                parts[index] = part
            } else {
                parts.append(part)
            }
        }
    }

    /// All parts in the order in which they were first named.
    public var parts: [Part] { state.withLock { $0 } }

    /// Whether there are parts and all of them are ready.
    public var isReady: Bool {
        let parts = parts
        return !parts.isEmpty && parts.allSatisfy(\.isReady)
    }
}
