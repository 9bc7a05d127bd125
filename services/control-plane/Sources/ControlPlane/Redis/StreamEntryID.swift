/// The id of an entry of a stream: the millisecond in which it was added, and its number in that one (Redis' documentation,
/// "Streams", "Entry IDs").
struct StreamEntryID: Comparable, CustomStringConvertible, Sendable {
    let milliseconds: UInt64
    let number: UInt64

    /// nil for what is no id; Redis would refuse it with an error that looks like a fault.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
            let milliseconds = UInt64(parts[0]), let number = UInt64(parts[1])
        else { return nil }
        self.init(milliseconds, number)
    }

    private init(_ milliseconds: UInt64, _ number: UInt64) {
        (self.milliseconds, self.number) = (milliseconds, number)
    }

    /// As Redis writes it.
    var description: String { "\(milliseconds)-\(number)" }

    /// The highest id below it; nil when there is none.
    var previous: StreamEntryID? {
        if number > 0 { return StreamEntryID(milliseconds, number - 1) }
        return milliseconds > 0 ? StreamEntryID(milliseconds - 1, .max) : nil
    }

    static func < (left: StreamEntryID, right: StreamEntryID) -> Bool {
        (left.milliseconds, left.number) < (right.milliseconds, right.number)
    }
}
