/// Finds which of a fixed set of keys a member's key is: one probe, no comparison of texts unless the hash agrees.
///
/// A table belongs to the tree whose `keyHash` it was made with.
public final class JSONKeyTable {
    @frozen @usableFromInline struct Entry {
        @usableFromInline var hash: UInt32
        /// Position of the key, or -1 for an empty entry.
        @usableFromInline var key: Int32
        @usableFromInline var text: UnsafePointer<UInt8>
        @usableFromInline var count: Int
    }

    @usableFromInline let entries: UnsafeMutablePointer<Entry>
    @usableFromInline let mask: Int
    private let hash: JSONKeyHash
    private let texts: UnsafeMutablePointer<UInt8>

    /// A table of `keys`, each found as its position in the array. A key given twice is found as the first.
    public init(_ keys: [String], hash: JSONKeyHash) {
        var capacity = 16
        while capacity < keys.count * 4 { capacity *= 2 }
        self.hash = hash
        mask = capacity - 1
        texts = .allocate(capacity: max(1, keys.reduce(0) { $0 + $1.utf8.count }))
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Entry(hash: 0, key: -1, text: texts, count: 0), count: capacity)
        var text = texts
        for (index, key) in keys.enumerated() {
            let count = key.utf8.count
            for (offset, byte) in key.utf8.enumerated() { text[offset] = byte }
            let hash = hash(text, count: count)
            guard find(text, count: count, hash: hash) == nil else { continue }
            var position = Int(hash) & mask
            while entries[position].key >= 0 { position = (position + 1) & mask }
            entries[position] = Entry(hash: hash, key: Int32(index), text: text, count: count)
            text += count
        }
    }

    deinit {
        entries.deallocate()
        texts.deallocate()
    }

    /// The position of a member's key among the table's keys; nil for an unknown key, and for one written with escapes.
    @inlinable public func find(_ key: JSONNode) -> Int? {
        let content = key.content
        guard let text = content.baseAddress else { return nil }
        return find(text.assumingMemoryBound(to: UInt8.self), count: content.count, hash: key.keyHash)
    }

    /// The position of a text among the table's keys; nil for an unknown one.
    public func find(_ text: UnsafeRawBufferPointer) -> Int? {
        guard let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        return find(bytes, count: text.count, hash: hash(bytes, count: text.count))
    }

    @inlinable func find(_ text: UnsafePointer<UInt8>, count: Int, hash: UInt32) -> Int? {
        var position = Int(hash) & mask
        while entries[position].key >= 0 {
            let entry = entries[position]
            if entry.hash == hash, entry.count == count, JSONText.areEqual(entry.text, text, count: count) {
                return Int(entry.key)
            }
            position = (position &+ 1) & mask
        }
        return nil
    }
}
