/// A parsed JSON text: a flat tape of values over the caller's bytes, whose memory serves text after text.
///
/// Nothing is copied out of the text and nothing is allocated per value: a node is a position on the tape, and its
/// text is a slice of the caller's bytes. A tree is used by one owner at a time.
///
///     var tree = JSONTree()
///     let root = try tree.parse(line)         // valid while `line` is, and until the next `parse`
///     let port = root["dest_port"]?.int64
public struct JSONTree: ~Copyable {
    /// Limits of one text.
    public struct Limits: Sendable {
        /// Deepest nesting of arrays and objects (default 64).
        public var depth: Int
        /// Most values and keys together (default 1,048,576; each takes 16 bytes while the text is in use).
        public var values: Int

        /// Limits of `depth` levels (at least 1) and `values` values (at least 1).
        public init(depth: Int = 64, values: Int = 1 << 20) {
            self.depth = max(1, depth)
            self.values = max(1, min(values, 1 << 28))
        }
    }

    /// The hash that keys are found by; a `JSONKeyTable` for nodes of this tree must be made with it.
    public let keyHash: JSONKeyHash
    /// Whether an object of the text last parsed has a key more than once (then the last one counts).
    public private(set) var hasDuplicateKeys = false

    private var tape: JSONTape
    private var keyIndex = JSONKeyIndex()
    private let limits: Limits
    private let findsDuplicateKeys: Bool
    private let openContainers: UnsafeMutablePointer<UInt32>

    /// An empty tree. `seed` makes the hash of keys unpredictable; a fixed one makes runs alike in tests.
    ///
    /// - Parameter findsDuplicateKeys: false for texts that are known to have none, which are parsed faster; if one has, all
    ///   members of the key are there.
    public init(
        limits: Limits = Limits(), findsDuplicateKeys: Bool = true, seed: UInt64 = .random(in: .min ... .max)
    ) {
        self.limits = limits
        self.findsDuplicateKeys = findsDuplicateKeys
        keyHash = JSONKeyHash(seed: seed)
        tape = JSONTape(limit: limits.values)
        openContainers = .allocate(capacity: limits.depth)
    }

    deinit { openContainers.deallocate() }

    /// Forgets the text, and gives back memory that only an unusually large one needed.
    public mutating func releaseMemory() {
        keyIndex.reset(previousTokenCount: tape.count)
        tape.reset()
    }

    /// Parses one text after RFC 8259, strictly, and gives its root.
    ///
    /// White space around the value is allowed. Of a key that occurs twice in an object the last value counts, and
    /// `hasDuplicateKeys` is set. The root and every node from it are valid while `bytes` are and until the next call.
    /// - Throws: `JSONError` for the first mistake, with its reason and offset. After `.invalidUTF8` a caller may repair the
    ///   text (`JSONText.repairedUTF8`) and try again.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONNode {
        guard bytes.count < Int(UInt32.max), let base = bytes.baseAddress else {
            throw JSONError(bytes.isEmpty ? .unexpectedEnd : .tooLong, offset: 0)
        }
        keyIndex.reset(previousTokenCount: tape.count)
        tape.reset()
        let start = base.assumingMemoryBound(to: UInt8.self)
        let scanner = JSONScanner(
            start: start, count: bytes.count, keyHash: keyHash, findsDuplicateKeys: findsDuplicateKeys)
        hasDuplicateKeys = try scanner.scan(
            into: &tape, keyIndex: &keyIndex, open: openContainers, depthLimit: limits.depth)
        return JSONNode(tokens: tape.tokens, bytes: start, index: 0)
    }

    /// How many values and keys the text last parsed has.
    public var count: Int { tape.count }
}

/// The growing memory of the tokens.
struct JSONTape: ~Copyable {
    private static let smallestCapacity = 1024
    private static let keptCapacity = 1 << 16

    private(set) var tokens: UnsafeMutablePointer<JSONToken>
    private(set) var count = 0
    private var capacity = smallestCapacity
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
        tokens = .allocate(capacity: Self.smallestCapacity)
    }

    deinit { tokens.deallocate() }

    /// Forgets all tokens, and gives back memory that only an unusually large text needed.
    mutating func reset() {
        count = 0
        guard capacity > Self.keptCapacity else { return }
        tokens.deallocate()
        capacity = Self.smallestCapacity
        tokens = .allocate(capacity: capacity)
    }

    /// Appends a token; false when the limit is reached.
    @inline(__always)
    mutating func append(_ token: JSONToken) -> Bool {
        if count == capacity, !grow() { return false }
        tokens[count] = token
        count &+= 1
        return true
    }

    @inline(never)
    private mutating func grow() -> Bool {
        guard count < limit else { return false }
        let larger = UnsafeMutablePointer<JSONToken>.allocate(capacity: min(capacity * 2, max(limit, capacity + 1)))
        larger.update(from: tokens, count: count)
        tokens.deallocate()
        tokens = larger
        capacity = min(capacity * 2, max(limit, capacity + 1))
        return true
    }
}
