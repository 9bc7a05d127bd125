// Names of hosts, as they stand in text.
extension EncodedText {
    /// Whether the text can be a host's name: up to 253 letters, digits, dots, hyphens and underscores, at least one of
    /// which is a letter.
    var isHostName: Bool {
        guard count > 0, count <= 253 else { return false }
        var hasLetter = false
        for byte in buffer {
            if ASCII.isLetter(byte) {
                hasLetter = true
            } else if !ASCII.isDigit(byte), byte != UInt8(ascii: "."), byte != UInt8(ascii: "-"),
                byte != UInt8(ascii: "_")
            {
                return false
            }
        }
        return hasLetter
    }

    /// The name without dots at its end; of the root's name one dot stays.
    var withoutTrailingDot: EncodedText {
        var count = count
        while count > 1, bytes[count - 1] == UInt8(ascii: ".") { count -= 1 }
        return part(from: 0, to: count)
    }
}
