import CCrypto

/// SHA-256 (FIPS 180-4) by libcrypto, over bytes that come piece by piece. Not for use by two threads at once.
public final class SHA256 {
    /// Bytes of a hash.
    public static let byteCount = 32

    private let context: OpaquePointer

    /// Fails only where there is no memory, or where libcrypto has been configured to have no SHA-256.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto gives no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// The hash of all bytes since the beginning, or since the last call; the next byte is again a first one.
    public func finish() -> [UInt8] {
        let hash = [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            count = Self.byteCount
        }
        EVP_DigestInit_ex(context, nil, nil)
        return hash
    }

    /// The hash of the bytes.
    public static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let sha256 = SHA256()
        Array(bytes).withUnsafeBytes(sha256.update)
        return sha256.finish()
    }
}
