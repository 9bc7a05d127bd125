// Logins of protocols whose messages are not text.
extension SentSecrets {
    /// Notes the community of SNMP 1 and 2c (RFC 1157, RFC 3416), and the password of a simple bind of LDAP (RFC 4511):
    /// both stand behind the version, as octets with their length.
    mutating func findASN1Password(in sent: SentBytes, from version: Int) {
        var position = version + 3
        guard position < sent.count, sent[version] == SentBytes.integerTag, sent[version + 1] == 1 else { return }
        if sent[version + 2] < 2, let community = sent.octets(tagged: 0x04, at: position) {
            // A message of one of the nine kinds follows.
            if community.upperBound < sent.count, 0xA0...0xA8 ~= sent[community.upperBound] { append(community) }
        } else if sent[version + 2] == 2 || sent[version + 2] == 3, let name = sent.octets(tagged: 0x04, at: position) {
            position = name.upperBound
            if let password = sent.octets(tagged: 0x80, at: position) { append(password) }
        }
    }

    /// Notes the password of a CONNECT of MQTT 3.1, 3.1.1 and 5, which is its last field.
    mutating func findMQTTPassword(in sent: SentBytes, from name: Int) {
        guard let nameEnd = sent.end(of: "mqtt", at: name) ?? sent.end(of: "mqisdp", at: name),
            nameEnd + 4 <= sent.count, sent[nameEnd + 1] & 0x40 != 0
        else { return }
        let (version, flags) = (sent[nameEnd], sent[nameEnd + 1])
        var position = nameEnd + 4
        func skipField() { position += 2 + sent.length16(at: position) }
        func skipProperties() { if version == 5 { position = sent.endOfVariableField(from: position) } }
        skipProperties()
        skipField()
        if flags & 0x04 != 0 {
            skipProperties()
            skipField()
            skipField()
        }
        if flags & 0x80 != 0 { skipField() }
        let password = position + 2
        guard password < sent.count else { return }
        append(password..<min(password + sent.length16(at: position), sent.count))
    }

    /// Notes what a client of PostgreSQL sends to a server that has asked for a password: a message `p` that reaches to
    /// the end of what was sent.
    mutating func findPostgreSQLPassword(in bytes: UnsafeRawBufferPointer) {
        let sent = SentBytes(bytes)
        for offset in 0..<min(isPacket ? Self.packetHeadBytesMax : 1, max(0, sent.count - 5))
        where sent[offset] == UInt8(ascii: "p") && sent[offset + 1] == 0 && sent[offset + 2] == 0 {
            if offset + 1 + sent.length16(at: offset + 3) == sent.count { return append(offset + 5..<sent.count) }
        }
    }
}

extension SentBytes {
    /// The tag of a whole number in BER, such as the version at the front of a message.
    static let integerTag: UInt8 = 0x02

    /// Two bytes as a number, the high one first; 0 behind the end.
    fileprivate func length16(at offset: Int) -> Int {
        offset + 2 <= count ? Int(self[offset]) << 8 | Int(self[offset + 1]) : 0
    }

    /// The content of a value in BER (ITU-T X.690) that has this tag and a length of at most two bytes.
    fileprivate func octets(tagged tag: UInt8, at offset: Int) -> Range<Int>? {
        guard offset + 2 <= count, self[offset] == tag else { return nil }
        var (start, length) = (offset + 2, Int(self[offset + 1]))
        if length == 0x81, start < count {
            length = Int(self[start])
            start += 1
        } else if length == 0x82 {
            length = length16(at: start)
            start += 2
        } else if length > 0x7F {
            return nil
        }
        return start + length <= count ? start..<start + length : nil
    }

    /// Where a field ends whose length comes first, seven bits in each byte.
    fileprivate func endOfVariableField(from offset: Int) -> Int {
        var (position, length, shift) = (offset, 0, 0)
        while position < count, shift < 28 {
            length |= Int(self[position] & 0x7F) << shift
            position += 1
            if self[position - 1] < 0x80 { break }
            shift += 7
        }
        return position + length
    }
}
