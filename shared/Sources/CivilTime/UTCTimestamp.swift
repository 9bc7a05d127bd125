/// A moment in UTC, as ISO 8601 writes it: `2026-02-01T12:34:56.123456Z`.
public struct UTCTimestamp: CustomStringConvertible, Sendable {
    /// The smallest unit that is written; what is finer is cut off.
    public enum Precision: Int, Sendable {
        case milliseconds = 3
        case microseconds = 6
    }

    private let nanoseconds: Int64
    private let precision: Precision

    /// - Parameter nanoseconds: nanoseconds since the epoch, also before it. Those of 64 bits lie in the years 1677 to 2262.
    public init(_ nanoseconds: Int64, _ precision: Precision = .microseconds) {
        self.nanoseconds = nanoseconds
        self.precision = precision
    }

    /// - Parameter seconds: whole seconds since the epoch; those beyond 64 bits of nanoseconds become the first or last moment of these.
    public init(seconds: Int64, _ precision: Precision = .milliseconds) {
        let (nanoseconds, isBeyond) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self.init(isBeyond ? (seconds < 0 ? .min : .max) : nanoseconds, precision)
    }

    /// The text.
    public var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text.
    public func append(to output: inout [UInt8]) {
        output += [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
            if let start = bytes.baseAddress { write(to: start) }
            count = byteCount
        }
    }

    /// Bytes of the text: 27 with microseconds.
    public var byteCount: Int { 21 + precision.rawValue }

    /// Writes the text to `output`, which has room for ``byteCount`` bytes.
    public func write(to output: UnsafeMutablePointer<UInt8>) {
        let days = nanoseconds.flooredDivision(by: CivilDay.nanoseconds)
        let microseconds = UInt64(nanoseconds &- days &* CivilDay.nanoseconds) / 1_000
        let seconds = microseconds / 1_000_000
        let day = CivilDay(daysSinceEpoch: Int(days))
        var position = output
        func append(_ number: UInt64, after separator: Unicode.Scalar?) {
            if let separator {
                position.pointee = UInt8(ascii: separator)
                position += 1
            }
            position[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10)
            position[1] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10)
            position += 2
        }
        append(UInt64(day.year) / 100, after: nil)
        append(UInt64(day.year) % 100, after: nil)
        append(UInt64(day.month), after: "-")
        append(UInt64(day.day), after: "-")
        append(seconds / 3_600, after: "T")
        append(seconds / 60 % 60, after: ":")
        append(seconds % 60, after: ":")
        append(microseconds / 10_000 % 100, after: ".")
        append(microseconds / 100 % 100, after: nil)
        switch precision {
        // The second pair of digits is the last one of milliseconds and the first one of what is finer.
        case .milliseconds: position -= 1
        case .microseconds: append(microseconds % 100, after: nil)
        }
        position.pointee = UInt8(ascii: "Z")
    }
}
