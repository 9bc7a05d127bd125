import Digest
import Testing

@Suite("SHA-1")
struct SHA1Tests {
    /// The examples of FIPS 180-4's companion "SHA1.pdf" and of RFC 3174, and the hash of nothing.
    @Test(
        "Published examples, one after the other by one context",
        arguments: [
            [
                ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
                ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
                (
                    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                    "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
                ),
                (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
                ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ]
        ])
    func published(_ examples: [(text: String, hash: String)]) {
        let sha1 = SHA1()
        for example in examples {
            var hash = [UInt8](repeating: 0, count: SHA1.byteCount)
            Array(example.text.utf8).withUnsafeBytes { sha1.hash($0, to: &hash) }
            let text = hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(text == example.hash)
        }
    }
}
