import Passwords
import Testing

@Suite struct PasswordHashTests {
    @Test func aPasswordVerifiesAndAnotherOneDoesNot() throws {
        let hash = try PasswordHash.make(of: "correct horse battery staple")
        #expect(hash.hasPrefix("$y$j9T$"))
        #expect(PasswordHash.verify("correct horse battery staple", against: hash))
        #expect(!PasswordHash.verify("correct horse battery stapler", against: hash))
        #expect(!PasswordHash.verify("", against: hash))
    }

    @Test func twoHashesOfOnePasswordDiffer() throws {
        #expect(try PasswordHash.make(of: "x") != PasswordHash.make(of: "x"))
    }

    /// Made by `mkpasswd -m sha-512`: what an administrator puts in by hand verifies, too.
    @Test func hashesOfOtherMethodsVerify() {
        let hash =
            "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"
        #expect(PasswordHash.verify("password", against: hash))
    }

    @Test(arguments: ["", "*", "*0", "password", "$y$", "$y$j9T$salt", "$nonsense$abc", "$y$j9T$a\0b"])
    func whatIsNoHashVerifiesNothing(stored: String) {
        #expect(!PasswordHash.verify("password", against: stored))
        #expect(!PasswordHash.verify("", against: stored))
    }

    @Test func aPasswordThatWouldBeCutGetsNoHash() throws {
        #expect(throws: PasswordError.unusablePassword) { try PasswordHash.make(of: "a\0b") }
        let longest = String(repeating: "p", count: PasswordHash.passwordBytesMax)
        #expect(PasswordHash.verify(longest, against: try PasswordHash.make(of: longest)))
        #expect(throws: PasswordError.unusablePassword) { try PasswordHash.make(of: longest + "p") }
    }
}
