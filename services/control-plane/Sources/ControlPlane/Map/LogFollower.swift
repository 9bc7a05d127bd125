import Files

/// Follows a log that others write, line by line, from its end on, over rotation by renaming and by truncation.
///
/// For a picture of now: what was written before, and while nobody followed, is left alone.
struct LogFollower {
    /// A longer line is left out.
    static let lineBytesMax = 64 * 1024
    private static let readBytes = 64 * 1024
    /// What is read in one round; the rest comes in the next.
    private static let roundBytesMax = 4 << 20

    let path: String
    private var file: OpenFile?
    private var offset: UInt64 = 0
    /// The beginning of a line whose end is not there yet.
    private var rest: [UInt8] = []
    private var isInLongLine = false
    private var isFirst = true
    private var buffer = [UInt8](repeating: 0, count: readBytes)

    init(path: String) {
        self.path = path
    }

    /// Hands over the lines that have come since the last call.
    ///
    /// - Throws: `FileError`; a later call goes on when the file is there again.
    mutating func read(_ body: (UnsafeRawBufferPointer) -> Void) throws(FileError) {
        if file == nil { try open() }
        guard let file else { return }
        try read(file, body)
        // Who writes goes on with the old file until it is told to open the new one, so this one is read to its end first.
        guard let named = try? FileFacts(path: path), try !named.isSameFile(as: file.facts()) else { return }
        try read(file, body)
        self.file = nil
        try open()
    }

    /// Closes the log; the next call begins at the end that it has then.
    mutating func letGo() { (file, isFirst) = (nil, true) }

    private mutating func open() throws(FileError) {
        let isBegun = isFirst
        isFirst = false
        let opened = try OpenFile(regular: path)
        offset = isBegun ? try opened.facts().size : 0
        (rest, isInLongLine) = ([], false)
        file = opened
    }

    private mutating func read(_ file: OpenFile, _ body: (UnsafeRawBufferPointer) -> Void) throws(FileError) {
        if try file.facts().size < offset { (offset, rest, isInLongLine) = (0, [], false) }
        var budget = Self.roundBytesMax
        while budget > 0 {
            var failure: FileError?
            let count = buffer.withUnsafeMutableBytes { bytes -> Int in
                do throws(FileError) { return try file.read(into: bytes, at: offset) } catch { failure = error }
                return 0
            }
            if let failure { throw failure }
            guard count > 0 else { return }
            offset += UInt64(count)
            budget -= count
            take(count, body)
        }
    }

    private mutating func take(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while let end = buffer[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
            if !isInLongLine {
                rest += buffer[start..<end]
                if !rest.isEmpty, rest.count <= Self.lineBytesMax { rest.withUnsafeBytes(body) }
            }
            rest.removeAll(keepingCapacity: true)
            isInLongLine = false
            start = end + 1
        }
        if !isInLongLine { rest += buffer[start..<count] }
        if rest.count > Self.lineBytesMax { (rest, isInLongLine) = ([], true) }
    }
}
