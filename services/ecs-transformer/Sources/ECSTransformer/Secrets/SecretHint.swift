/// The bytes with which everything starts that `SentSecrets` looks for; most of what is sent has none of them.
enum SecretHint {
    /// How many bytes are looked at together.
    private static let byteCount = 3
    /// How many starts have a bit of their own. More would share bits, which costs looks in vain but finds everything.
    private static let startsMax = 21

    /// How everything else starts that is looked for beside the names of secrets: user names in URLs, commands, binary
    /// protocols, and versions in BER.
    private static let starts: [StaticString] = ["://", "apo", "aut", "log", "mqi", "mqt", "pas", "sip", "\u{2}\u{1}"]

    private static let firstPlace: UInt64 = (1 << UInt64(startsMax)) - 1

    /// For each byte, which starts have it as their first byte, and in higher bits as their second and third.
    private static let places: [UInt64] = {
        var places = [UInt64](repeating: 0, count: 256)
        let all = Set((starts + SecretName.all).map { Array("\($0)".utf8.prefix(byteCount)) })
        for (index, start) in all.enumerated() {
            for place in 0..<byteCount {
                let bit: UInt64 = 1 << UInt64(place * startsMax + index % startsMax)
                for byte in UInt8.min...UInt8.max
                where place >= start.count || ASCII.lowercase(byte) == start[place] { places[Int(byte)] |= bit }
            }
        }
        return places
    }()

    /// The first place from `offset` on where a secret may be named, in any case of letters.
    static func next(in bytes: UnsafeRawBufferPointer, from offset: Int) -> Int? {
        guard let base = bytes.baseAddress, offset + byteCount <= bytes.count else { return nil }
        return places.withUnsafeBufferPointer { places in
            let end = base + bytes.count
            var next = base + offset
            @inline(__always) func place() -> UInt64 {
                defer { next += 1 }
                return places[Int(next.load(as: UInt8.self))]
            }
            var (first, second) = (place(), place())
            while next < end {
                let third = place()
                let common = first & second &>> UInt64(startsMax) & third &>> UInt64(2 * startsMax)
                // Bits above those of the first byte mean nothing.
                if common & firstPlace != 0 {
                    return next - base - byteCount
                }
                (first, second) = (second, third)
            }
            return nil
        }
    }
}
