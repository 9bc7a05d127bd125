/// Memory for the texts that one event's mapping makes. Handed-out memory does not move and is valid until `reset`.
struct ByteArena: ~Copyable {
    private static let blockBytes = 1 << 16

    private let block: UnsafeMutablePointer<UInt8>
    private var used = 0
    /// Blocks of their own for what the first one has no room for.
    private var overflow: [UnsafeMutablePointer<UInt8>] = []

    init() { block = .allocate(capacity: Self.blockBytes) }

    deinit {
        block.deallocate()
        for block in overflow { block.deallocate() }
    }

    /// Room for `count` bytes.
    @inline(__always)
    mutating func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        guard used &+ count <= Self.blockBytes else { return allocateOverflow(count) }
        let start = block + used
        used &+= count
        return start
    }

    @inline(never)
    private mutating func allocateOverflow(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        let start = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count))
        overflow.append(start)
        return start
    }

    /// Takes back all memory.
    @inline(__always)
    mutating func reset() {
        used = 0
        guard !overflow.isEmpty else { return }
        for block in overflow { block.deallocate() }
        overflow.removeAll(keepingCapacity: false)
    }
}
