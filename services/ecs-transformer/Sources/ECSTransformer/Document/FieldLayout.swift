/// How each field is written: the keys that lead to it, in one piece of text, and how many of them a field that was
/// written just before has already opened.
struct FieldLayout: ~Copyable {
    /// Where a field's keys stand in the text. The keys from any depth on are a tail of the text from depth 0 on.
    struct Entry {
        /// Ids of the objects around the field, the outermost in the lowest byte; 0 where there are fewer.
        var objects: UInt64 = 0
        /// Number of objects around the field, at most `FieldLayout.depthMax`.
        var depth = 0
        var isArray = false
        /// Start of the keys in the text, by the number of objects that are already open.
        var starts: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0, 0, 0)
        var end: UInt32 = 0
    }

    static let depthMax = 7
    /// Keys are short, so that copying them in pieces of this size costs less than a call.
    static let pieceBytes = 16

    let entries: UnsafeMutablePointer<Entry>
    /// For `source.geo.name`: `"source":{"geo":{"name":`, and so on for all fields.
    let text: UnsafeMutablePointer<UInt8>
    /// Upper bound of the bytes that keys and braces of any set of fields take.
    let textBytes: Int

    init() {
        var text: [UInt8] = []
        var objectIDs: [String: UInt64] = [:]
        entries = .allocate(capacity: ECSField.count)
        entries.initialize(repeating: Entry(), count: ECSField.count)
        for field in ECSField.allCases {
            let keys = field.rawValue.split(separator: ".")
            precondition(keys.count <= Self.depthMax + 1, "\(field.rawValue) lies too deep")
            var entry = Entry()
            entry.depth = keys.count - 1
            entry.isArray = field.isArray
            withUnsafeMutableBytes(of: &entry.starts) { starts in
                for (depth, key) in keys.enumerated() {
                    starts.storeBytes(of: UInt32(text.count), toByteOffset: depth * 4, as: UInt32.self)
                    text += "\"\(key)\":".utf8
                    if depth + 1 < keys.count { text.append(UInt8(ascii: "{")) }
                }
            }
            for depth in 0..<entry.depth {
                let path = keys[...depth].joined(separator: ".")
                let id = objectIDs[path, default: UInt64(objectIDs.count + 1)]
                precondition(id < 256, "more than 255 objects")
                objectIDs[path] = id
                entry.objects |= id << UInt64(8 * depth)
            }
            entry.end = UInt32(text.count)
            entries[field.slot] = entry
        }
        // `copy` copies whole pieces, the last of which may reach beyond the end of both texts.
        self.text = .allocate(capacity: text.count + Self.pieceBytes)
        self.text.initialize(repeating: 0, count: text.count + Self.pieceBytes)
        self.text.update(from: text, count: text.count)
        textBytes = text.count + ECSField.count * (Self.depthMax + 4) + 2 * Self.pieceBytes
    }

    /// Copies a part of the text; writes up to a piece more than its length.
    @inline(__always)
    func copy(from start: Int, count: Int, to output: UnsafeMutablePointer<UInt8>) {
        let source = UnsafeRawPointer(text + start)
        let target = UnsafeMutableRawPointer(output)
        var offset = 0
        repeat {
            target.storeBytes(
                of: source.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self), toByteOffset: offset,
                as: SIMD16<UInt8>.self)
            offset &+= Self.pieceBytes
        } while offset < count
    }

    deinit {
        entries.deallocate()
        text.deallocate()
    }
}
