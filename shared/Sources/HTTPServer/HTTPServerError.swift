/// Why a server could not be started.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// The kinds of faults that an operator can remedy.
    public enum Code: Sendable, Equatable {
        /// Another process listens on that address and port, or at that path.
        case addressInUse
        /// The address does not belong to this machine.
        case addressNotHere
        /// A port below 1024 needs a privilege, a socket in the file system a writable folder.
        case notPermitted
        /// Certificate or key cannot be read, or they do not belong together.
        case identity
        /// Anything else that the system reports.
        case system
    }

    /// The kind of fault.
    public let code: Code
    /// A description for people.
    public let description: String
    /// The error of another module that it comes from, whose words end the description; nil for none.
    public let cause: (any Error)?

    init(code: Code, description: String, cause: (any Error)? = nil) {
        (self.code, self.description, self.cause) = (code, description, cause)
    }
}
