/// Finds the passwords in what was sent: in URLs, forms, heads and commands of text protocols, and in the logins of some
/// binary ones.
///
/// What it sees is a piece of a conversation. A password that stands in it without the word that names it, because that
/// was in another piece or the other side had sent it, is not found.
struct SentSecrets: ~Copyable {
    /// How far behind the first byte of a packet its content may start: the heads of Ethernet, IP and TCP at their
    /// longest, and some tags.
    static let packetHeadBytesMax = 150

    /// Shorter ones are found by chance.
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
        switch sent[offset] | 0x20 {
        case UInt8(ascii: ":"):
            if let host = sent.end(of: "://", at: offset) { findUserInfo(in: sent, from: host) }
        case UInt8(ascii: "s"):
            if let colon = sent.end(of: "sip:", at: offset) ?? sent.end(of: "sips:", at: offset) {
                findUserInfo(in: sent, from: colon)
            }
        case UInt8(ascii: "a"):
            if let value = sent.end(of: "authorization:", at: offset) {
                append(sent.credentials(from: value))
            } else if let mechanism = sent.end(of: "auth ", at: offset), startsCommand(offset, in: sent) {
                findResponses(in: sent, from: mechanism)
            } else if let mechanism = sent.end(of: "authenticate ", at: offset), followsTag(offset, in: sent) {
                findResponses(in: sent, from: mechanism)
            } else if let name = sent.end(of: "apop ", at: offset), startsCommand(offset, in: sent) {
                append(sent.restOfLine(from: sent.endOfWord(from: name) + 1))
            }
        case UInt8(ascii: "l"):
            if let name = sent.end(of: "login ", at: offset), followsTag(offset, in: sent) {
                append(sent.restOfLine(from: sent.endOfWord(from: name) + 1))
            }
        case UInt8(ascii: "m"): findMQTTPassword(in: sent, from: offset)
        case UInt8(ascii: "\""): findASN1Password(in: sent, from: offset)
        default:
            if let value = sent.end(of: "pass ", at: offset), startsCommand(offset, in: sent) {
                append(sent.restOfLine(from: value))
            } else {
                findFormPassword(in: sent, at: offset)
            }
        }
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

    /// Notes the value of a field with such a name in the query of a URL, in a form, or in JSON.
    private mutating func findFormPassword(in sent: SentBytes, at offset: Int) {
        let names: [StaticString] = ["passphrase", "password", "passwd", "pass", "pwd"]
        guard let end = names.lazy.compactMap({ sent.end(of: $0, at: offset) }).first else { return }
        // `compass` is none, but `newPassword` is one.
        guard end - offset > 4 || offset == 0 || !sent.isLetterOrDigit(offset - 1) else { return }
        var name = end
        while name < sent.count, sent.isLetterOrDigit(name), name - end < 2 { name += 1 }
        if name < sent.count, sent[name] == UInt8(ascii: "]") { name += 1 }
        if let bracket = sent.end(of: "%5d", at: name) { name = bracket }
        guard name < sent.count else { return }
        if sent[name] == UInt8(ascii: "=") {
            guard sent.startsField(offset) else { return }
            append(name + 1..<sent.endOfValue(from: name + 1))
        } else if sent[name] == UInt8(ascii: "\"") {
            if let value = sent.end(of: "\"\r\n\r\n", at: name) {
                append(sent.restOfLine(from: value))
            } else if let value = sent.startOfJSONString(from: name + 1) {
                append(value..<sent.endOfJSONString(from: value))
            }
        }
    }
}
