import Digest
import Testing

@Suite("Content hashes")
struct ContentHashTests {
    @Test("The hashes are XXH3, as its authors publish it for no bytes")
    func empty() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(ContentHash.bits64(nothing) == 0x2d06_8005_38d3_94c2)
        #expect(ContentHash.bits128(nothing) == (0x99aa_06d3_0147_98d8, 0x6001_c324_468d_497f))
    }

    @Test("Other bytes have another hash")
    func difference() {
        let hashes = ["a", "b", "ab"].map { Array($0.utf8).withUnsafeBytes(ContentHash.bits64) }
        #expect(Set(hashes).count == 3)
    }
}
