import CCrypto

/// Comparisons whose duration tells nothing about the bytes.
public enum ConstantTime {
    /// Whether both are the same; only whether their lengths differ can be seen from the time it takes.
    public static func areEqual(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        let (left, right) = (Array(left), Array(right))
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
