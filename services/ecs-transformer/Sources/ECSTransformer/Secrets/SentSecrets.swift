/// Finds the passwords in what was sent: in URLs, forms, JSON, XML, headers and commands of text protocols, and in the
/// logins of some binary ones.
///
/// It sees a piece of a conversation. A password is not found where the word that announces it is in another piece, or was
/// sent by the other side.
struct SentSecrets: ~Copyable {
    /// How far behind the first byte of a packet its content may start: the heads of Ethernet, IP and TCP at their
    /// longest, and some tags.
    static let packetHeadBytesMax = 150

    /// Shorter secrets, in bytes, would be found by chance.
    private static let knownBytesMin = 4

    /// Where the secrets are, in order and apart from each other.
    private(set) var ranges: [Range<Int>] = []
    private(set) var isPacket = false

    /// Looks through `bytes`.
    /// - Parameters:
    ///   - isPacket: whether the bytes start with the heads of a packet.
    ///   - known: secrets that are known to have been sent, to be found by themselves unless they are too short.
    mutating func find(in bytes: UnsafeRawBufferPointer, isPacket: Bool = false, besides known: [[UInt8]] = []) {
        ranges.removeAll(keepingCapacity: true)
        self.isPacket = isPacket
        findPostgreSQLPassword(in: bytes)
        guard ranges.isEmpty else { return }
        var offset = 0
        while let candidate = SecretHint.next(in: bytes, from: offset) {
            find(at: candidate, in: SentBytes(bytes))
            offset = max(candidate + 1, ranges.last?.upperBound ?? 0)
        }
        for secret in known where secret.count >= Self.knownBytesMin { find(secret, in: bytes) }
    }

    private mutating func find(_ secret: [UInt8], in bytes: UnsafeRawBufferPointer) {
        var start = 0
        while start + secret.count <= bytes.count {
            let range = start..<start + secret.count
            start += 1
            guard bytes[range].elementsEqual(secret), !ranges.contains(where: { $0.overlaps(range) }) else { continue }
            ranges.insert(range, at: ranges.firstIndex { $0.lowerBound > range.lowerBound } ?? ranges.count)
        }
    }

    /// Notes a secret, unless it is empty.
    mutating func append(_ range: Range<Int>) { if !range.isEmpty { ranges.append(range) } }

    private mutating func find(at offset: Int, in sent: SentBytes) {
        switch ASCII.lowercase(sent[offset]) {
        case UInt8(ascii: ":"):
            if let host = sent.end(of: "://", at: offset) { findUserInfo(in: sent, from: host) }
        case UInt8(ascii: "m"): findMQTTPassword(in: sent, from: offset)
        case SentBytes.integerTag: findASN1Password(in: sent, from: offset)
        default: if !findCommand(in: sent, at: offset) { findNamed(in: sent, at: offset) }
        }
    }

    /// Notes what a command or an address gives away, if one starts here.
    private mutating func findCommand(in sent: SentBytes, at offset: Int) -> Bool {
        if let value = sent.end(of: "pass ", at: offset), startsCommand(offset, in: sent) {
            append(sent.restOfLine(from: value))
        } else if let mechanism = sent.end(of: "auth ", at: offset), startsCommand(offset, in: sent) {
            findResponses(in: sent, from: mechanism)
        } else if let mechanism = sent.end(of: "authenticate ", at: offset), followsTag(offset, in: sent) {
            findResponses(in: sent, from: mechanism)
        } else if let name = sent.end(of: "apop ", at: offset), startsCommand(offset, in: sent) {
            append(sent.restOfLine(from: sent.endOfWord(from: name) + 1))
        } else if let name = sent.end(of: "login ", at: offset), followsTag(offset, in: sent) {
            append(sent.restOfLine(from: sent.endOfWord(from: name) + 1))
        } else if let colon = sent.end(of: "sip:", at: offset) ?? sent.end(of: "sips:", at: offset) {
            findUserInfo(in: sent, from: colon)
        } else {
            return false
        }
        return true
    }

    /// Whether a command may start here.
    private func startsCommand(_ offset: Int, in sent: SentBytes) -> Bool {
        sent.startsLine(offset) || isPacket && offset <= Self.packetHeadBytesMax
    }

    /// Whether a word stands behind the tag that IMAP puts in front of a command.
    private func followsTag(_ offset: Int, in sent: SentBytes) -> Bool {
        guard offset >= 2, sent[offset - 1] == 0x20 else { return false }
        var start = offset - 1
        while start > 0, sent[start - 1] > 0x20, sent[start - 1] < 0x7F { start -= 1 }
        return start < offset - 1 && startsCommand(start, in: sent)
    }

    /// Notes the first response of a login, and the ones after it: lines of base 64 behind `AUTH LOGIN`.
    private mutating func findResponses(in sent: SentBytes, from mechanism: Int) {
        append(sent.restOfLine(from: sent.endOfWord(from: mechanism) + 1))
        var line = sent.nextLine(from: mechanism)
        while line < sent.count {
            let response = sent.restOfLine(from: line)
            guard !response.isEmpty, sent.isBase64(response) else { return }
            append(response)
            line = sent.nextLine(from: response.upperBound)
        }
    }

    /// Notes the password of `anna:secret@host`.
    private mutating func findUserInfo(in sent: SentBytes, from start: Int) {
        var colon: Int?
        var sign: Int?
        var offset = start
        while offset < sent.count, !sent.endsAuthority(offset) {
            if sent[offset] == UInt8(ascii: ":"), colon == nil { colon = offset }
            if sent[offset] == UInt8(ascii: "@") { sign = offset }
            offset += 1
        }
        if let colon, let sign, colon < sign { append(colon + 1..<sign) }
    }

    /// Notes the value of what has the name of a secret: a field of a form or of the query of a URL, a member of JSON, an
    /// element of XML, or a header.
    private mutating func findNamed(in sent: SentBytes, at offset: Int) {
        guard let name = SecretName.find(at: offset, in: sent), name.end < sent.count else { return }
        switch sent[name.end] {
        case UInt8(ascii: "="):
            let start = sent.startOfName(offset)
            guard sent.startsField(start) else { return }
            append(name.end + 1..<sent.endOfValue(from: name.end + 1, of: start))
        case UInt8(ascii: "%"):
            // A URL in the query of another, or JSON in one.
            guard
                let value = sent.end(of: "%3d", at: name.end) ?? sent.end(of: "%22%3a%22", at: name.end)
                    ?? sent.end(of: "%22:%22", at: name.end)
            else { return }
            append(value..<sent.endOfEncodedValue(from: value))
        case UInt8(ascii: ":"):
            if name.hasScheme {
                append(sent.credentials(from: name.end + 1))
            } else if startsCommand(sent.startOfName(offset), in: sent) {
                append(sent.headerValue(from: name.end + 1))
            }
        case UInt8(ascii: ">"), UInt8(ascii: " "):
            if let content = sent.contentOfElement(sent.startOfName(offset), from: name.end) { append(content) }
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
            if let content = sent.contentOfPart(sent.startOfName(offset), from: name.end) {
                append(content)
            } else {
                for value in sent.valuesOfMember(from: name.end) { append(value) }
            }
        default: break
        }
    }
}
