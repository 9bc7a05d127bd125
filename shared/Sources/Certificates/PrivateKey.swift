import CX509
import Files

/// A private key on the curve P-256, which every browser takes.
final class PrivateKey {
    let handle: OpaquePointer

    /// A new one.
    init() throws(CertificateError) {
        var key: OpaquePointer?
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) > 0,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0,
            EVP_PKEY_keygen(context, &key) > 0, let key
        else { throw CertificateError("libcrypto makes no key on the curve P-256") }
        handle = key
    }

    private init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    /// - Throws: ``CertificateError``, `FileError`.
    static func read(_ path: String) throws -> PrivateKey {
        let pem = try OpenFile(regular: path).content(bytesMax: 64 * 1024)
        guard let handle = PEM.read(pem, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else {
            throw CertificateError("\(path) holds no private key")
        }
        return PrivateKey(handle)
    }

    var pem: [UInt8] {
        get throws(CertificateError) {
            try PEM.write { PEM_write_bio_PrivateKey($0, handle, nil, nil, 0, nil, nil) }
        }
    }
}

/// Texts of keys and certificates, to and from memory.
enum PEM {
    static func read(_ text: [UInt8], _ parse: (OpaquePointer?) -> OpaquePointer?) -> OpaquePointer? {
        text.withUnsafeBytes { bytes in
            let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { BIO_free(bio) }
            return parse(bio)
        }
    }

    static func write(_ write: (OpaquePointer?) -> Int32) throws(CertificateError) -> [UInt8] {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw CertificateError("libcrypto writes no PEM") }
        var text = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        let count = BIO_read(bio, &text, Int32(clamping: text.count))
        return Array(text.prefix(Int(count)))
    }
}
