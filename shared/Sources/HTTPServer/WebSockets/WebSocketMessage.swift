/// A complete message of a WebSocket.
public struct WebSocketMessage: Sendable, Equatable {
    /// The bytes; messages that share an array share its memory.
    public let bytes: [UInt8]
    /// Whether the bytes are UTF-8 text.
    public let isText: Bool

    /// A text.
    public init(text: String) {
        self.init(utf8: Array(text.utf8))
    }

    /// A text that is already encoded as UTF-8.
    public init(utf8: [UInt8]) {
        bytes = utf8
        isText = true
    }

    /// Bytes.
    public init(binary: [UInt8]) {
        bytes = binary
        isText = false
    }

    /// The text, or nil for bytes.
    public var text: String? { isText ? String(decoding: bytes, as: UTF8.self) : nil }
}
