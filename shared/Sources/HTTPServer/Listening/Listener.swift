/// Where clients may connect, and by which protocol.
public struct Listener: Sendable {
    /// Certificate and key of a server.
    public struct TLSIdentity: Sendable {
        /// PEM file with the certificate, followed by those of the intermediate authorities.
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
    ///   - port: 0 lets the system choose a free one.
    ///   - identity: with one, HTTP/1.1 over TLS is served; without, plain HTTP.
    public static func tcp(bind: String, port: Int, identity: TLSIdentity? = nil) -> Listener {
        Listener(address: .network(bind: bind, port: port), identity: identity)
    }

    /// A socket in the file system, for processes of this machine; the kernel tells the server which process connects.
    ///
    /// A file that a process has left behind is replaced; one at which a server still answers is not.
    ///
    /// - Parameter mode: the permissions of the file, which decide who may connect.
    public static func unix(path: String, mode: UInt32 = 0o600) -> Listener {
        Listener(address: .file(path: path, mode: mode), identity: nil)
    }
}
