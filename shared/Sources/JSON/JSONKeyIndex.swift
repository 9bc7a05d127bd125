/// Finds keys that occur twice in one object: one open-addressed table for all objects of a text, never cleared between
/// texts, because each entry carries a serial number that is out of date by then.
struct JSONKeyIndex: ~Copyable {
    private struct Entry {
        var hash: UInt32
        var serial: UInt32
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var mask: Int
    private var used = 0
    /// Serial number of token 0 of the current text. Serial 0 marks an entry that was never used.
    private var base: UInt32 = 1
    private var tokenCount = 0

    private static let smallestCapacity = 512

    init() {
        entries = .allocate(capacity: Self.smallestCapacity)
        entries.initialize(repeating: Entry(hash: 0, serial: 0), count: Self.smallestCapacity)
        mask = Self.smallestCapacity - 1
    }

    deinit { entries.deallocate() }

    /// Forgets all keys; `previousTokenCount` is how many tokens the last text had.
    mutating func reset(previousTokenCount: Int) {
        let next = UInt64(base) + UInt64(previousTokenCount) + 1
        if mask + 1 > 16 * Self.smallestCapacity || next > UInt64(UInt32.max / 2) {
            replaceTable(capacity: Self.smallestCapacity)
            base = 1
        } else {
            base = UInt32(next)
        }
        used = 0
    }

    /// Enters the key at token `index` with its hash, mixed with the object that it belongs to. Gives the index of an
    /// equal key of the same object, for which the new one then stands.
    @inline(__always)
    mutating func insert(
        _ index: Int, hash: UInt32, object: Int, isSame: (Int) -> Bool
    ) -> Int? {
        if used &* 2 > mask { grow() }
        let mixed = (hash ^ UInt32(truncatingIfNeeded: object) &* 0x85EB_CA6B) &* 0x9E37_79B1
        var position = Int(mixed &>> 7) & mask
        while true {
            let entry = entries[position]
            if entry.serial < base {
                entries[position] = Entry(hash: mixed, serial: base &+ UInt32(truncatingIfNeeded: index))
                used &+= 1
                return nil
            }
            if entry.hash == mixed, isSame(Int(entry.serial &- base)) {
                entries[position].serial = base &+ UInt32(truncatingIfNeeded: index)
                return Int(entry.serial &- base)
            }
            position = (position &+ 1) & mask
        }
    }

    private mutating func grow() {
        let old = entries
        let oldCapacity = mask + 1
        entries = .allocate(capacity: oldCapacity * 2)
        entries.initialize(repeating: Entry(hash: 0, serial: 0), count: oldCapacity * 2)
        mask = oldCapacity * 2 - 1
        for position in 0..<oldCapacity where old[position].serial >= base {
            var new = Int(old[position].hash &>> 7) & mask
            while entries[new].serial >= base { new = (new &+ 1) & mask }
            entries[new] = old[position]
        }
        old.deallocate()
    }

    private mutating func replaceTable(capacity: Int) {
        entries.deallocate()
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(hash: 0, serial: 0), count: capacity)
        mask = capacity - 1
    }
}
