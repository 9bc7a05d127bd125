import CCrypto

/// SHA-1 (FIPS 180-4) by libcrypto, for identifiers that are defined by it; no defence against someone who forges them.
///
/// The context is kept from hash to hash, so that none allocates. Not for use by two threads at once.
public final class SHA1 {
    /// Bytes of a hash.
    public static let byteCount = 20

    private let context: OpaquePointer

    /// Fails only where there is no memory, or where libcrypto has been configured to have no SHA-1.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha1(), nil) == 1 else {
            preconditionFailure("libcrypto gives no SHA-1")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Writes the hash of the bytes to `output`, which has room for `byteCount` bytes.
    public func hash(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>) {
        // Starting over with the same algorithm looks nothing up. None of the three can fail then.
        EVP_DigestInit_ex(context, nil, nil)
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        EVP_DigestFinal_ex(context, output, nil)
    }

    /// The hash of the bytes.
    public static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            Array(bytes).withUnsafeBytes { SHA1().hash($0, to: output) }
            count = byteCount
        }
    }
}
