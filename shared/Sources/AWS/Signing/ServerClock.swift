public import HTTPClient
public import Lifecycle
import Synchronization

/// The time of the servers, which refuse signatures that are more than five minutes off: the local clock, corrected by what
/// answers say in `Date`. Kept in memory only; any thread may use it.
public final class ServerClock: Sendable {
    /// Differences up to this come from the way of an answer as well as from clocks, and are not corrected, in seconds.
    public static let differenceSecondsMax: Int64 = 60

    private let local: @Sendable () -> Int64
    private let difference = Atomic<Int64>(0)

    /// - Parameter local: the local time in nanoseconds since 1970.
    public init(local: @escaping @Sendable () -> Int64 = WallClock.nanoseconds) {
        self.local = local
    }

    /// How far the local clock is behind that of the server that answered last, in seconds; negative when it is ahead, 0 before
    /// the first answer.
    public var offsetSeconds: Int64 { difference.load(ordering: .relaxed) }

    /// Whether the local clock is wrong by so much that people should know.
    public var isOff: Bool { abs(offsetSeconds) > Self.differenceSecondsMax }

    /// Seconds since 1970, as a server would say.
    public var unixSeconds: Int64 { localSeconds + (isOff ? offsetSeconds : 0) }

    /// Takes the time of an answer, whatever its status; one without `Date` changes nothing.
    public func learn(from response: ClientResponse) {
        guard let date = response.head.fields["Date"], let seconds = UTCTime.unixSeconds(httpDate: date) else { return }
        difference.store(seconds - localSeconds, ordering: .relaxed)
    }

    private var localSeconds: Int64 { local() / 1_000_000_000 }
}
