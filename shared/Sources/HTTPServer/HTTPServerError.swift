/// Why a server could not be started.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// What an operator can do something about.
    public enum Code: Sendable, Equatable {
        /// Another process listens on that address and port.
        case portInUse
        /// The address is none of this machine.
        case addressNotHere
        /// Ports below 1024 need a privilege.
        case notPermitted
        /// Anything else that the system says.
        case system
    }

    /// The kind of fault.
    public let code: Code
    /// For people.
    public let description: String
}
