import JSON

/// Makes copies of events in which secrets are masked. The mask of a text shows nothing of the secret, not even its length;
/// in base 64 the number of bytes stays, so that the lengths in packets stay right.
final class SecretMask {
    /// What stands in the place of a secret.
    static let text: StaticString = "***"
    /// What stands in the place of each byte of a secret where their number must stay.
    private static let byte = UInt8(ascii: "*")

    private let places: SecretTree
    private var copy = EventCopy()
    private var arena = ByteArena()
    private var sent = SentSecrets()
    /// The value at hand as bytes, and after that the same with masks.
    private var plain: [UInt8] = []
    private var masked: [UInt8] = []
    /// The position in the event of the base 64 whose bytes are at hand, with their secrets in `sent`; nil otherwise. A
    /// payload is asked for again by its printable form and by its packet, which follow it.
    private var searched: Int?

    /// - Parameter hash: that of the keys of the events.
    init(hash: JSONKeyHash) { places = SecretTree(SecretPlace.all, hash: hash) }

    /// The members of an event that may hold secrets.
    var memberNames: [String] { places.names }

    /// The text of the event with masks in all places of secrets that are below the given members, which are given by their
    /// positions in `memberNames`; nil where there is no secret, as in most events.
    func masked(_ event: JSONNode, _ members: [(value: JSONNode, member: Int)]) -> [UInt8]? {
        copy.reset(EncodedText(event.raw))
        searched = nil
        for (value, member) in members {
            places.members[member].forEachSecret(value, in: event) { value, key, object, form in
                mask(value, key: key, in: object, form, offset: value.offset - event.offset)
            }
        }
        guard copy.isChanged else { return nil }
        defer { arena.reset() }
        return [UInt8](unsafeUninitializedCapacity: copy.writtenBytesMax) { buffer, count in
            if let output = buffer.baseAddress { count = copy.write(to: output) - output }
        }
    }

    private func mask(
        _ value: JSONNode, key: JSONNode?, in object: JSONNode, _ form: SecretPlace.Form, offset: Int
    ) {
        guard value.kind == .string || value.kind == .integer || value.kind == .real else { return }
        var form = form
        if case .named(let sibling) = form { form = self.form(ofValueNamed: sibling.map { object[$0] } ?? key) }
        if case .whole = form { return replace(value, at: offset, by: Array("\"\(Self.text)\"".utf8)) }
        guard value.kind == .string else { return }
        var isBase64 = false
        switch form {
        case .whole: return
        case .credentials:
            decode(value)
            let range = plain.withUnsafeBytes { SentBytes($0).credentials(from: 0) }
            return replace(value, at: offset, maskedAt: [range], isBase64: false)
        case .text, .named: findInText(value)
        case .base64:
            isBase64 = findInBase64(value)
            if !isBase64 { findInText(value) }
        case .packet:
            let known = secrets(in: object["payload"])
            searched = nil
            isBase64 = Base64.decode(value.content, into: &plain)
            guard isBase64 else { return }
            plain.withUnsafeBytes { sent.find(in: $0, isPacket: true, besides: known) }
        case .printable:
            // More can be recognised in the bytes themselves than in the characters that stand for them.
            if let payload = object["payload"], findInBase64(payload) {
                guard !sent.ranges.isEmpty else { return }
                let count = plain.count
                decode(value)
                if plain.count != count { findInText(value) }
            } else {
                findInText(value)
            }
        }
        if !sent.ranges.isEmpty { replace(value, at: offset, maskedAt: sent.ranges, isBase64: isBase64) }
    }

    /// What is secret about a value with this name.
    private func form(ofValueNamed name: JSONNode?) -> SecretPlace.Form {
        guard let name, name.kind == .string,
            let found = SecretName.find(inQuoted: UnsafeRawBufferPointer(rebasing: name.raw.dropFirst()))
        else { return .text }
        return found.hasScheme ? .credentials : .whole
    }

    /// The secrets in the payload that the packet belongs to. It can hold more packets than this one, and so the words
    /// that tell what a secret is.
    private func secrets(in payload: JSONNode?) -> [[UInt8]] {
        guard let payload, findInBase64(payload) else { return [] }
        return sent.ranges.map { Array(plain[$0]) }
    }

    /// Looks through the bytes that stand as base 64.
    /// - Returns: whether it was all base 64.
    private func findInBase64(_ value: JSONNode) -> Bool {
        if searched == value.offset { return true }
        searched = nil
        guard Base64.decode(value.content, into: &plain) else { return false }
        plain.withUnsafeBytes { sent.find(in: $0) }
        searched = value.offset
        return true
    }

    /// Looks through a string, which is copied only if it must be.
    private func findInText(_ value: JSONNode) {
        searched = nil
        if !value.hasEscapes {
            sent.find(in: value.content)
            if sent.ranges.isEmpty { return }
        }
        decode(value)
        plain.withUnsafeBytes { sent.find(in: $0) }
    }

    private func decode(_ value: JSONNode) {
        searched = nil
        plain.removeAll(keepingCapacity: true)
        JSONText.appendDecoded(value.content, to: &plain)
    }

    /// Replaces a string by the bytes at hand with masks in these places.
    private func replace(_ value: JSONNode, at offset: Int, maskedAt ranges: [Range<Int>], isBase64: Bool) {
        masked.removeAll(keepingCapacity: true)
        var position = 0
        for range in ranges {
            masked += plain[position..<range.lowerBound]
            if isBase64 {
                masked += repeatElement(Self.byte, count: range.count)
            } else {
                masked += UnsafeBufferPointer(start: Self.text.utf8Start, count: Self.text.utf8CodeUnitCount)
            }
            position = range.upperBound
        }
        masked += plain[position...]
        var json: [UInt8] = []
        masked.withUnsafeBytes { masked in
            guard isBase64 else { return JSONText.appendQuoted(masked, to: &json) }
            json.append(UInt8(ascii: "\""))
            Base64.append(masked, to: &json)
            json.append(UInt8(ascii: "\""))
        }
        replace(value, at: offset, by: json)
    }

    private func replace(_ value: JSONNode, at offset: Int, by json: [UInt8]) {
        let text = arena.allocate(json.count)
        for (index, byte) in json.enumerated() { text[index] = byte }
        copy.replace(offset: offset, count: value.raw.count, with: EncodedText(text, count: json.count))
    }
}
