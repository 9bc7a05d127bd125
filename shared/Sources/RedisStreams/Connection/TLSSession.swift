import COpenSSL
import Glibc

/// TLS over a connected socket that never blocks: certificates checked against the CA file or the system's, name
/// checked against the host, TLS 1.2 or later.
final class TLSSession {
    private let context: OpaquePointer
    private let session: OpaquePointer

    init(_ options: RedisOptions, descriptor: Int32) throws(RedisError) {
        _ = Self.ignoreBrokenPipes
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Self.failure("no context") }
        do throws(RedisError) {
            try Self.configure(context, options)
            session = try Self.open(context, options, descriptor)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
        self.context = context
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    /// OpenSSL writes to the socket with write(2), which raises SIGPIPE on a connection that has gone.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private static func configure(_ context: OpaquePointer, _ options: RedisOptions) throws(RedisError) {
        // The names of these calls are macros over SSL_CTX_ctrl, which Swift does not see.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        // Partial writes report progress, and a retried write may come from another address.
        let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        if let file = options.caFile {
            guard SSL_CTX_load_verify_locations(context, file, nil) == 1 else {
                throw failure("the CA file \(file) cannot be used")
            }
        } else {
            SSL_CTX_set_default_verify_paths(context)
        }
        guard let certificate = options.certificateFile, let key = options.keyFile else { return }
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw failure("the certificate \(certificate) cannot be used")
        }
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context) == 1
        else { throw failure("the key \(key) cannot be used with the certificate") }
    }

    private static func open(
        _ context: OpaquePointer, _ options: RedisOptions, _ descriptor: Int32
    ) throws(RedisError) -> OpaquePointer {
        guard let session = SSL_new(context) else { throw failure("no session") }
        let parameters = SSL_get0_param(session)
        // An address is checked against the addresses in the certificate, anything else against its names.
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, options.host) != 1 {
            ERR_clear_error()
            SSL_set1_host(session, options.host)
            var name = Array(options.host.utf8CString)
            SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
        }
        SSL_set_fd(session, descriptor)
        SSL_set_connect_state(session)
        return session
    }

    func handshake() throws(RedisError) -> RedisSocket.Progress {
        try progress(of: SSL_do_handshake(session))
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(RedisError) -> RedisSocket.Progress {
        try progress(of: SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    func write(_ chunk: UnsafeRawBufferPointer) throws(RedisError) -> RedisSocket.Progress {
        try progress(of: SSL_write(session, chunk.baseAddress, Int32(clamping: chunk.count)))
    }

    private func progress(of result: Int32) throws(RedisError) -> RedisSocket.Progress {
        if result > 0 { return .moved(Int(result)) }
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wouldBlock(events: Int16(POLLIN))
        case SSL_ERROR_WANT_WRITE: return .wouldBlock(events: Int16(POLLOUT))
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL:
            ERR_clear_error()
            return .closed
        default:
            let verification = SSL_get_verify_result(session)
            guard verification == X509_V_OK else {
                ERR_clear_error()
                throw RedisError(.tls, String(cString: X509_verify_cert_error_string(verification)))
            }
            throw Self.failure("TLS")
        }
    }

    /// What is on the other side does not speak TLS.
    static let plainServer = RedisError(
        .tls, "the server answers without TLS: use redis:// (redis.tls: false), or the port on which it has TLS")

    private static func failure(_ what: String) -> RedisError {
        var text = [CChar](repeating: 0, count: 256)
        let code = ERR_get_error()
        ERR_error_string_n(code, &text, text.count)
        ERR_clear_error()
        if Int32(truncatingIfNeeded: code & 0x7F_FFFF) == SSL_R_WRONG_VERSION_NUMBER { return plainServer }
        let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return RedisError(.tls, "\(what): \(reason)")
    }
}
