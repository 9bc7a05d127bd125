/// Where clients may connect, and how they are spoken with.
public struct Listener: Sendable {
    /// Certificate and key of a server.
    public struct TLSIdentity: Sendable {
        /// PEM file with the certificate, and behind it those of the authorities between it and a known one.
        public var certificateFile: String
        /// PEM file with the private key.
        public var keyFile: String

        /// The files; they are read when the server starts.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    enum Address {
        case network(bind: String, port: Int)
        case file(path: String, mode: UInt32)
    }

    let address: Address
    let identity: TLSIdentity?

    /// A TCP port.
    ///
    /// - Parameters:
    ///   - bind: an address of this machine, or `0.0.0.0` or `::` for all of them.
    ///   - port: 0 takes a free one.
    ///   - identity: with it TLS is spoken, HTTP/1.1 inside; without it plain HTTP.
    public static func tcp(bind: String, port: Int, identity: TLSIdentity? = nil) -> Listener {
        Listener(address: .network(bind: bind, port: port), identity: identity)
    }

    /// A socket in the file system, for processes of this machine, which the kernel names to the server.
    ///
    /// A file that a process has left behind is replaced; one at which a server still answers is not.
    ///
    /// - Parameter mode: who may connect, as permissions of the file.
    public static func unix(path: String, mode: UInt32 = 0o600) -> Listener {
        Listener(address: .file(path: path, mode: mode), identity: nil)
    }
}
