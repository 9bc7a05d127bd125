/// One word of a command.
public enum RedisArgument: ExpressibleByStringLiteral, Sendable {
    /// A word.
    case text(String)
    /// A value of any bytes.
    case bytes([UInt8])
    /// A number, written in decimal.
    case number(Int64)

    /// A word written in the source.
    public init(stringLiteral value: String) {
        self = .text(value)
    }
}

/// Commands on their way out, as chunks that `writev` can take without copying the large ones.
struct RedisOutput {
    /// Values from this size on stay a chunk of their own.
    static let ownChunkBytesMin = 16 * 1024

    private var chunks: [[UInt8]] = []
    /// Chunks before this one are sent.
    private var first = 0
    /// What of the first chunk is sent.
    private var firstOffset = 0
    /// Whether more may be appended to the last chunk.
    private var isTailOpen = false

    var isEmpty: Bool { first == chunks.count }

    /// Appends one command in the form of the protocol: an array of bulk strings.
    mutating func append(_ command: [RedisArgument]) {
        appendHead("*", command.count)
        for argument in command {
            switch argument {
            case .text(let text): appendSmall(Array(text.utf8))
            case .number(let number): appendSmall(Array(String(number).utf8))
            case .bytes(let bytes) where bytes.count < Self.ownChunkBytesMin: appendSmall(bytes)
            case .bytes(let bytes):
                appendHead("$", bytes.count)
                chunks.append(bytes)
                isTailOpen = false
                appendToTail("\r\n".utf8)
            }
        }
    }

    private mutating func appendSmall(_ bytes: [UInt8]) {
        appendHead("$", bytes.count)
        appendToTail(bytes)
        appendToTail("\r\n".utf8)
    }

    private mutating func appendHead(_ mark: String, _ count: Int) {
        appendToTail("\(mark)\(count)\r\n".utf8)
    }

    private mutating func appendToTail(_ bytes: some Collection<UInt8>) {
        if !isTailOpen {
            chunks.append([])
            isTailOpen = true
        }
        chunks[chunks.count - 1] += bytes
    }

    /// Lends what comes next, at most `limit` chunks, in one piece each.
    func withNext<Result>(_ limit: Int, _ use: ([UnsafeRawBufferPointer]) throws -> Result) rethrows -> Result {
        let end = min(chunks.count, first + limit)
        // One level deeper per chunk, because a pointer into an array is only good inside its own closure.
        func lend(_ index: Int, _ lent: [UnsafeRawBufferPointer]) throws -> Result {
            guard index < end else { return try use(lent) }
            return try chunks[index].withUnsafeBytes { chunk in
                let rest = index == first ? UnsafeRawBufferPointer(rebasing: chunk[firstOffset...]) : chunk
                return try lend(index + 1, lent + [rest])
            }
        }
        return try lend(first, [])
    }

    /// Forgets bytes that are sent.
    mutating func removeFirst(_ count: Int) {
        firstOffset += count
        while first < chunks.count, firstOffset >= chunks[first].count {
            firstOffset -= chunks[first].count
            chunks[first] = []
            first += 1
        }
        if isEmpty {
            chunks.removeAll(keepingCapacity: true)
            (first, firstOffset, isTailOpen) = (0, 0, false)
        }
    }
}
