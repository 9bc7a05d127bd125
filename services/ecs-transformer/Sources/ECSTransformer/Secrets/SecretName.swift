/// The names that tell what a secret is: of fields in queries of URLs, forms, JSON and XML, of headers, and of what stands
/// beside its name in an event.
enum SecretName {
    /// All of them, one that begins with another in front of that. A new one is one more word; for a blank may stand `_`,
    /// `-`, `.` or nothing.
    static let all: [StaticString] = [
        "access key", "api key", "auth key", "authorization", "passcode", "passphrase", "passwd", "password",
        "pass", "private key", "psk", "pwd", "pw", "secret key", "secret", "shared key", "token",
    ]

    /// So short ones are part of many words (`compass`), and count only where they are one.
    private static let wordLettersMax = 4
    /// What is called after a password mostly is one (`password_confirmation`); after others there may be an `s` or `Id`.
    private static let lettersBehindMax = 2

    /// A name that was found.
    struct Found {
        /// Where the name ends, with what may follow in it: `newPassword2`, `user[password_confirmation]`.
        var end: Int
        /// Whether the value starts with the name of a scheme, which is no secret: `Basic YW5uYTpzZWNyZXQ=`.
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
