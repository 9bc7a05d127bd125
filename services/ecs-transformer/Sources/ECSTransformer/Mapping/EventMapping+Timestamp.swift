import CivilTime
import EventContract
import JSON

extension EventMapping {
    private static let earliestTime: Int64 = 631_152_000_000_000_000  // 1990-01-01
    private static let clockSkewMax = CivilDay.nanoseconds

    /// Sets `@timestamp` to the event's time, or to the time of reading when the event's is missing or implausible.
    /// - Returns: the time, and what was wrong with the event's own.
    mutating func mapTime(readTime: Int64) -> (time: Int64, problem: StaticString?) {
        let problem: StaticString
        if let node = event[.timestamp] {
            guard let time = EventTime.parse(node) else {
                return useReadTime(readTime, "The event's timestamp is not a time.")
            }
            if time >= Self.earliestTime, time <= readTime &+ Self.clockSkewMax {
                document.set(.timestamp, document.timestamp(time, written: EncodedText(node.content)))
                return (time, nil)
            }
            problem =
                time < Self.earliestTime
                ? "The event's timestamp lies before 1990."
                : "The event's timestamp lies more than 24 hours after the time of reading."
        } else {
            problem = "The event has no timestamp."
        }
        return useReadTime(readTime, problem)
    }

    private mutating func useReadTime(_ readTime: Int64, _ problem: StaticString) -> (Int64, StaticString?) {
        document.set(.timestamp, document.timestamp(readTime))
        return (readTime, problem)
    }
}
