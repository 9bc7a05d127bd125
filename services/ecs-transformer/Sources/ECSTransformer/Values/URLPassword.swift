extension EncodedText {
    /// Where a URL in decoded text holds a password, with the colon before it: the `:secret` of
    /// `ftp://anna:secret@host/` and of `sip:anna:secret@host`.
    var passwordInURL: Range<Int>? {
        guard let schemeEnd = firstIndex(of: ":") else { return nil }
        var start = schemeEnd + 1
        while start < count, start <= schemeEnd + 2, bytes[start] == UInt8(ascii: "/") { start += 1 }
        // Without a scheme this is a path, a query, or a host with its port.
        guard part(from: 0, to: schemeEnd).buffer.allSatisfy({ Self.isSchemeByte($0) }) else { return nil }
        let end = part(from: start).buffer.firstIndex { Self.endsAuthority($0) }.map { start + $0 } ?? count
        let authority = part(from: start, to: end)
        guard let sign = authority.lastIndex(of: "@"), let colon = authority.part(from: 0, to: sign).firstIndex(of: ":")
        else { return nil }
        return start + colon..<start + sign
    }

    private static func isSchemeByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }
}
