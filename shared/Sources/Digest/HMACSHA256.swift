import CCrypto

/// HMAC (RFC 2104) with SHA-256, by libcrypto.
public enum HMACSHA256 {
    /// Bytes of a code.
    public static let byteCount = SHA256.byteCount

    /// The code that proves that whoever made it had the key.
    ///
    /// - Parameter key: of any length; longer than 64 bytes it is hashed first, as the RFC says.
    public static func code(of message: some Sequence<UInt8>, key: some Sequence<UInt8>) -> [UInt8] {
        let (message, key) = (Array(message), Array(key))
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let done = key.withUnsafeBytes { key in
                message.withUnsafeBufferPointer { message in
                    // libcrypto takes no address for "the same key as before", also when the key has no bytes.
                    HMAC(
                        EVP_sha256(), key.baseAddress ?? UnsafeRawPointer(buffer.baseAddress),
                        Int32(clamping: key.count), message.baseAddress, message.count, buffer.baseAddress, nil)
                }
            }
            precondition(done != nil, "libcrypto gives no HMAC with SHA-256")
            count = byteCount
        }
    }
}
