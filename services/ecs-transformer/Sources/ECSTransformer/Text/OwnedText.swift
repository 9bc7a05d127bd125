import JSON

/// A text in memory of its own, for documents to point at. It must live longer than they do.
struct OwnedText: ~Copyable {
    /// The text with the escapes of JSON.
    let encoded: EncodedText
    private let bytes: UnsafeMutablePointer<UInt8>

    init(_ text: String) {
        var json: [UInt8] = []
        JSONText.appendQuoted(text, to: &json)
        let content = json.dropFirst().dropLast()
        bytes = .allocate(capacity: content.count)
        _ = UnsafeMutableBufferPointer(start: bytes, count: content.count).update(from: content)
        encoded = EncodedText(bytes, count: content.count)
    }

    deinit { bytes.deallocate() }
}
