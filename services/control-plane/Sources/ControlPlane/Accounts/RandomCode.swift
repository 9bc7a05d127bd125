import Digest

/// Random texts that prove who somebody is: keys of sessions and tokens, codes that people type.
///
/// Crockford's base 32, 5 bits a character: no letter looks like a digit, and none has to be escaped anywhere.
enum RandomCode {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// A key that no one guesses: 260 bits.
    static var key: String { make(characters: 52).lowercased() }

    /// A new text; the generator is the kernel's.
    static func make(characters count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// What a person has typed, as it was made: in capitals, without dashes and spaces, and with digits for letters that are
    /// taken for them.
    static func typed(_ text: String) -> String {
        text.uppercased().reduce(into: "") { result, character in
            switch character {
            case "-", " ": break
            case "O": result.append("0")
            case "I", "L": result.append("1")
            default: result.append(character)
            }
        }
    }

    /// What of a key or code is kept: who reads the database can't use it. Keys are long and random, so that one round of
    /// SHA-256 is enough, unlike for passwords.
    static func hash(_ text: String) -> String { Hexadecimal.text(of: SHA256.hash(text.utf8)) }
}
