/// Why a server could not be started.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// What an operator can do something about.
    public enum Code: Sendable, Equatable {
        /// Another process listens on that address and port, or at that path.
        case addressInUse
        /// The address is none of this machine.
        case addressNotHere
        /// Ports below 1024 need a privilege, files a folder that may be written to.
        case notPermitted
        /// Certificate and key cannot be read, or do not belong together.
        case identity
        /// Anything else that the system says.
        case system
    }

    /// The kind of fault.
    public let code: Code
    /// For people.
    public let description: String
}
