import Digest

/// A group: alerts of one rule, from one address to one address, seen by one sensor.
struct GroupKey: Hashable, Sendable {
    let signatureID: Int64
    let sourceIP: String
    let destinationIP: String
    let sensor: String

    /// A number that follows from what the alerts say, so that it is the same after the index was built anew: 63 bits of a
    /// SHA-256.
    var number: Int64 {
        let text = "\(signatureID)\0\(sourceIP)\0\(destinationIP)\0\(sensor)"
        let bytes = SHA256.hash(text.utf8)
        return bytes.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) } & .max
    }

    /// The number as the API shows it: 16 digits.
    static func text(_ number: Int64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The number of such a text; nil for any other.
    static func number(_ text: String) -> Int64? {
        text.utf8.count == 16 && text.utf8.allSatisfy { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
            ? Int64(text, radix: 16) : nil
    }
}
