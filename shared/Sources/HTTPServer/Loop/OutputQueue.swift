/// What is still to be sent of an answer: pieces that are not copied until they are sent.
struct OutputQueue {
    private var pieces: [[UInt8]] = []
    /// How much of the first piece has been sent, in bytes.
    private var sentBytes = 0

    var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ piece: [UInt8]) {
        if !piece.isEmpty { pieces.append(piece) }
    }

    /// Moves the next bytes into a buffer.
    ///
    /// - Returns: the number of bytes moved.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while let piece = pieces.first, count < buffer.count {
            let part = min(piece.count - sentBytes, buffer.count - count)
            piece.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[sentBytes..<sentBytes + part]))
            }
            count += part
            sentBytes += part
            if sentBytes == piece.count {
                pieces.removeFirst()
                sentBytes = 0
            }
        }
        return count
    }
}
