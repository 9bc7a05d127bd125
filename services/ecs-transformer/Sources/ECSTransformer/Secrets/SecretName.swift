/// The names of secrets: of fields in URLs, forms, JSON and XML, of headers, and of values that stand beside their name in an
/// event.
enum SecretName {
    /// All of them; a name that begins with another one stands in front of it. A blank stands for `_`, `-`, `.` or nothing.
    static let all: [StaticString] = [
        "access key", "api key", "auth key", "authorization", "passcode", "passphrase", "passwd", "password",
        "pass", "private key", "psk", "pwd", "pw", "secret key", "secret", "shared key", "token",
    ]

    /// Names of up to so many letters are part of many words (`compass`), and count only as words of their own.
    private static let wordLettersMax = 4
    /// A name that begins with that of a password is mostly a password, too (`password_confirmation`); behind other names
    /// there may be so many letters, as in `tokens` and `tokenId`.
    private static let lettersBehindMax = 2

    /// A name that was found.
    struct Found {
        /// Where the name ends, with what may follow in it: `newPassword2`, `user[password_confirmation]`.
        var end: Int
        /// Whether the value starts with the name of a scheme, which is not secret: `Basic YW5uYTpzZWNyZXQ=`.
        var hasScheme: Bool
    }

    /// The name that starts here, with whatever may be in front of it.
    static func find(at offset: Int, in sent: SentBytes) -> Found? {
        let first = ASCII.lowercase(sent[offset])
        for name in all where name.utf8Start[0] == first {
            guard let end = sent.end(ofWords: name, at: offset) else { continue }
            let isWord = name.utf8CodeUnitCount <= wordLettersMax
            guard !isWord || sent.startsWord(offset) else { return nil }
            let isPassword = !isWord && sent.end(of: "pass", at: offset) != nil
            return Found(
                end: sent.endOfName(from: end, lettersMax: isPassword ? .max : isWord ? 0 : lettersBehindMax),
                hasScheme: sent.end(of: "authorization", at: offset) != nil)
        }
        return nil
    }

    /// The name that all of `text` is, in front of its closing quote.
    static func find(inQuoted text: UnsafeRawBufferPointer) -> Found? {
        var offset = 0
        while let candidate = SecretHint.next(in: text, from: offset) {
            if let found = find(at: candidate, in: SentBytes(text)), found.end == text.count - 1 { return found }
            offset = candidate + 1
        }
        return nil
    }
}
