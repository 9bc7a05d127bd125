import EventContract
import Testing

@testable import EveReader

@Suite("Checkpoints and heads")
struct CheckpointTests {
    private let checkpoint = Checkpoint(
        offset: 12345, size: 20000, identity: FileIdentity(high: 0x0123_4567_89ab_cdef, low: 7),
        place: FilePlace(boot: "b-1", device: 44, inode: 2), head: Fingerprint(start: 32, length: 1024, hash: 0xabc),
        tail: Fingerprint(start: 12281, length: 64, hash: .max), time: 1_795_252_951_613_987_433,
        path: "/mnt/ram logs/eve path=x.json")

    @Test("The text is what docs/eve-reader.md shows")
    func text() {
        #expect(
            checkpoint.text == """
                v1 offset=12345 size=20000 identity=0123456789abcdef0000000000000007 boot=b-1 device=44 inode=2 \
                head=32+1024:0000000000000abc tail=12281+64:ffffffffffffffff time=1795252951613987433 \
                path=/mnt/ram logs/eve path=x.json
                """)
        #expect(checkpoint.field == "0123456789abcdef0000000000000007")
    }

    @Test("The text is read back as it was written")
    func roundTrip() {
        #expect(Checkpoint(checkpoint.text) == checkpoint)
    }

    @Test(
        "Text that is damaged or of another version is not understood",
        arguments: [
            ("v1 ", "v2 "), ("offset=12345", "offset=-1"), ("offset=12345", "offset=12346"), ("+64:", "+65:"),
            ("head=32+1024:", "head=32+1025:"), ("identity=01", "identity=zz"), (" size=20000", ""), ("tail=", "tail"),
            ("device=44", "device=44444444444444444444"), (" path=/mnt", " /mnt"),
        ])
    func damage(original: String, damaged: String) {
        let parts = checkpoint.text.split(separator: original, maxSplits: 1, omittingEmptySubsequences: false)
        #expect(Checkpoint(parts.joined(separator: damaged)) == nil)
    }

    @Test("Nothing at all is not understood", arguments: ["", "v1", " ", "path=x"])
    func nothing(text: String) {
        #expect(Checkpoint(text) == nil)
    }

    private let place = FilePlace(boot: "b", device: 1, inode: 2)

    @Test("The identity is fixed by the first line, however the head grows")
    func identity() {
        let short = FileHead(start: 0, bytes: Array("first line\n".utf8))
        let long = FileHead(start: 0, bytes: Array("first line\nsecond line\n".utf8))
        #expect(short.identity(at: place) == long.identity(at: place))
        #expect(short.fingerprint != long.fingerprint)
        let other = FileHead(start: 0, bytes: Array("first lime\n".utf8))
        #expect(short.identity(at: place) != other.identity(at: place))
    }

    @Test(
        "The same head elsewhere is another file",
        arguments: [
            FilePlace(boot: "c", device: 1, inode: 2), FilePlace(boot: "b", device: 2, inode: 2),
            FilePlace(boot: "b", device: 1, inode: 3),
        ])
    func places(other: FilePlace) {
        let head = FileHead(start: 0, bytes: Array("line\n".utf8))
        #expect(head.identity(at: place) != head.identity(at: other))
    }

    @Test("A fingerprint matches what begins with the same bytes")
    func fingerprints() {
        let fingerprint = Fingerprint(of: Array("abc".utf8), at: 5)
        #expect(fingerprint.matches(Array("abcdef".utf8)))
        #expect(!fingerprint.matches(Array("ab".utf8)))
        #expect(!fingerprint.matches(Array("abd".utf8)))
        #expect(Fingerprint(of: [], at: 0).matches([]))
    }
}

@Suite("The checkpoints of a file in Redis")
struct CheckpointChainTests {
    @Test("Each builds on the one that was sent before, and all are settled when the last is confirmed")
    func order() {
        var chain = CheckpointChain(stored: "a")
        #expect(chain.isSettled)
        #expect(chain.append("b") == "a")
        #expect(chain.append(nil) == "b")
        #expect(chain.append("c") == nil)
        for (text, isSettled) in [("b", false), (nil, false), ("c", true)] as [(String?, Bool)] {
            #expect(!chain.isSettled)
            chain.confirm(text)
            #expect(chain.isSettled == isSettled && chain.last == "c")
        }
    }

    @Test("The removal of a file's only checkpoint leaves nothing")
    func removal() {
        var chain = CheckpointChain(stored: "a")
        #expect(chain.append(nil) == "a")
        #expect(!chain.isSettled)
        chain.confirm(nil)
        #expect(chain.isSettled && chain.last == nil)
    }
}
