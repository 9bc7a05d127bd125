/// Splits a mail header into its mailboxes (RFC 5322, section 3.4), such as `Ada <ada@example.org>, bob@example.net`,
/// or of an SMTP command, such as `<ada@example.org>`. Names and comments stay out.
struct MailAddresses {
    private var rest: EncodedText

    /// Starts with decoded text.
    init(_ text: EncodedText) { rest = text }

    /// The next mailbox's address; nil at the end.
    mutating func next() -> EncodedText? {
        while !rest.isEmpty {
            if let address = nextMailbox(), !address.isEmpty, address.buffer.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) {
                return address
            }
        }
        return nil
    }

    /// Reads up to the next comma or semicolon that is in no quotes, comment or angle brackets.
    private mutating func nextMailbox() -> EncodedText? {
        var offset = 0
        var isQuoted = false
        var commentDepth = 0
        var angleStart: Int?
        var angle: EncodedText?
        var bareEnd: Int?
        scan: while offset < rest.count {
            let byte = rest.bytes[offset]
            switch byte {
            case UInt8(ascii: "\\") where isQuoted || commentDepth > 0: offset += 1
            case UInt8(ascii: "\"") where commentDepth == 0: isQuoted.toggle()
            case _ where isQuoted: break
            case UInt8(ascii: "("):
                if commentDepth == 0, bareEnd == nil { bareEnd = offset }
                commentDepth += 1
            case UInt8(ascii: ")"): commentDepth = max(0, commentDepth - 1)
            case _ where commentDepth > 0: break
            case UInt8(ascii: "<"): angleStart = offset + 1
            case UInt8(ascii: ">"):
                if let start = angleStart { angle = rest.part(from: start, to: offset).trimmed }
                angleStart = nil
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                if angleStart == nil { break scan }
            default: break
            }
            offset += 1
        }
        let end = min(offset, rest.count)
        let bare = rest.part(from: 0, to: min(bareEnd ?? end, end)).trimmed
        rest = rest.part(from: min(end + 1, rest.count))
        if let angle { return angle }
        // Without brackets only what looks like an address is one: names of groups and lists stand alone, too.
        let isAddress =
            bare.firstIndex(of: "@") != nil && bare.firstIndex(of: "<") == nil && bare.firstIndex(of: ">") == nil
        return isAddress ? bare : nil
    }
}
