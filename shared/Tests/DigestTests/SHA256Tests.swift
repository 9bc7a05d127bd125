import Digest
import Testing

@Suite("SHA-256, HMAC and comparison")
struct SHA256Tests {
    /// The examples of FIPS 180-4's companion "SHA256.pdf", and the hash of nothing.
    @Test(
        "Published examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func published(text: String, hash: String) {
        #expect(Hexadecimal.text(of: SHA256.hash(text.utf8)) == hash)
    }

    @Test("Bytes that come in pieces have the hash of the whole, and one object hashes again and again")
    func pieces() {
        let sha256 = SHA256()
        for _ in 0..<2 {
            for piece in ["a", "", "bc"] { Array(piece.utf8).withUnsafeBytes(sha256.update) }
            #expect(sha256.finish() == SHA256.hash("abc".utf8))
        }
    }

    /// RFC 4231, cases 1, 2 and 6 (a key longer than a block), and nothing with a key of no bytes.
    @Test("Published examples of HMAC")
    func codes() {
        let examples: [(key: [UInt8], message: String, code: String)] = [
            (
                [UInt8](repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ]
        for example in examples {
            #expect(Hexadecimal.text(of: HMACSHA256.code(of: example.message.utf8, key: example.key)) == example.code)
        }
    }

    @Test("Comparison looks at every byte and at the length")
    func comparison() {
        #expect(ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(ConstantTime.areEqual([], []))
        #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2]))
    }
}
