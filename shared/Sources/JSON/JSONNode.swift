/// A value of a parsed text: a position on the tree's tape. Trivial to copy; valid as long as the text's bytes are, and
/// until the tree parses its next text.
@frozen public struct JSONNode {
    @usableFromInline let tokens: UnsafePointer<JSONToken>
    @usableFromInline let bytes: UnsafePointer<UInt8>
    @usableFromInline let index: Int

    @inlinable init(tokens: UnsafePointer<JSONToken>, bytes: UnsafePointer<UInt8>, index: Int) {
        self.tokens = tokens
        self.bytes = bytes
        self.index = index
    }

    /// What kind of value this is.
    @inlinable public var kind: JSONKind { tokens[index].kind }

    /// The value's text as it was read, strings with their quotes.
    @inlinable public var raw: UnsafeRawBufferPointer {
        let token = tokens[index]
        return UnsafeRawBufferPointer(start: bytes + Int(token.start), count: Int(token.end &- token.start))
    }

    /// Offset of the value's first byte from the start of the text.
    @inlinable public var offset: Int { Int(tokens[index].start) }

    /// The text between a string's quotes, escapes left as they are; for other kinds the same as `raw`.
    @inlinable @inline(__always) public var content: UnsafeRawBufferPointer {
        let token = tokens[index]
        let quote: UInt32 = token.kind == .string ? 1 : 0
        return UnsafeRawBufferPointer(
            start: bytes + Int(token.start &+ quote), count: Int(token.end &- token.start &- 2 &* quote))
    }

    /// Whether a string holds escapes, so that `content` is not its decoded text.
    @inlinable public var hasEscapes: Bool { tokens[index].flags & JSONToken.escaped != 0 }

    /// The hash of this node when it is a member's key, by the tree's `keyHash`.
    @inlinable public var keyHash: UInt32 { tokens[index].link }

    /// The members of an object in the order of the text; none for any other kind. Of a key that occurs more than once
    /// only the last member is there.
    @inlinable public var members: JSONMembers { JSONMembers(self) }

    /// The elements of an array in order; none for any other kind.
    @inlinable public var elements: JSONElements { JSONElements(self) }

    /// The element of an array that has just one.
    @inlinable public var onlyElement: JSONNode? {
        var elements = elements
        guard let first = elements.next(), elements.next() == nil else { return nil }
        return first
    }

    /// The value of an object's member; nil when this is not an object or has no such member.
    ///
    /// The members are walked from the first: for a look-up of many keys walk `members` once instead.
    @inlinable @inline(__always) public subscript(key: StaticString) -> JSONNode? {
        for member in members where member.key.isEqual(to: key) { return member.value }
        return nil
    }

    /// Whether a string's decoded text is exactly `text`.
    @inlinable @inline(__always) public func isEqual(to text: StaticString) -> Bool {
        let token = tokens[index]
        guard token.kind == .string else { return false }
        guard token.flags & JSONToken.escaped == 0 else { return string == text.description }
        let count = text.utf8CodeUnitCount
        guard Int(token.end &- token.start) == count &+ 2 else { return false }
        return JSONText.areEqual(bytes + Int(token.start &+ 1), text.utf8Start, count: count)
    }

    /// Whether two strings have the same decoded text.
    func hasSameText(as other: JSONNode) -> Bool {
        guard hasEscapes || other.hasEscapes else { return content.elementsEqual(other.content) }
        return string == other.string
    }
}

/// The members of an object.
@frozen public struct JSONMembers: Sequence, IteratorProtocol {
    @usableFromInline var position: Int
    @usableFromInline let end: Int
    @usableFromInline let object: JSONNode

    @inlinable init(_ object: JSONNode) {
        self.object = object
        position = object.index &+ 1
        end = object.kind == .object ? Int(object.tokens[object.index].link) : 0
    }

    /// The next member.
    @inlinable public mutating func next() -> (key: JSONNode, value: JSONNode)? {
        while position < end {
            let key = position
            position = Int(object.tokens[key &+ 1].link)
            if object.tokens[key].flags & JSONToken.superseded == 0 {
                return (
                    JSONNode(tokens: object.tokens, bytes: object.bytes, index: key),
                    JSONNode(tokens: object.tokens, bytes: object.bytes, index: key &+ 1)
                )
            }
        }
        return nil
    }
}

/// The elements of an array.
@frozen public struct JSONElements: Sequence, IteratorProtocol {
    @usableFromInline var position: Int
    @usableFromInline let end: Int
    @usableFromInline let array: JSONNode

    @inlinable init(_ array: JSONNode) {
        self.array = array
        position = array.index &+ 1
        end = array.kind == .array ? Int(array.tokens[array.index].link) : 0
    }

    /// The next element.
    @inlinable public mutating func next() -> JSONNode? {
        guard position < end else { return nil }
        let element = position
        position = Int(array.tokens[element].link)
        return JSONNode(tokens: array.tokens, bytes: array.bytes, index: element)
    }
}
