public import HTTPClient
public import Lifecycle
import Synchronization

/// The time of the servers, which refuse signatures that are more than five minutes off: the local clock, corrected by what
/// answers say in `Date`. Kept in memory only; any thread may use it.
public final class ServerClock: Sendable {
    /// Differences up to this come from the way of an answer as well as from clocks, and are not corrected, in seconds.
    public static let differenceSecondsMax: Int64 = 60

    private struct Learned {
        /// The server's time less the local one, in seconds.
        var difference: Int64
        /// The local time less that of the clock that nobody sets, in seconds.
        var epoch: Int64
    }

    private let local: @Sendable () -> Int64
    private let learned = Mutex<Learned?>(nil)

    /// - Parameter local: the local time in nanoseconds since 1970.
    public init(local: @escaping @Sendable () -> Int64 = WallClock.nanoseconds) {
        self.local = local
    }

    /// How far the local clock is behind that of the server that answered last, in seconds; negative when it is ahead, 0 before
    /// the first answer, and after somebody has set the local clock.
    public var offsetSeconds: Int64 {
        let epoch = localEpoch
        return learned.withLock { learned in
            guard let learned, abs(epoch - learned.epoch) <= Self.differenceSecondsMax else { return 0 }
            return learned.difference
        }
    }

    /// Whether the local clock is wrong by so much that people should know.
    public var isOff: Bool { abs(offsetSeconds) > Self.differenceSecondsMax }

    /// Seconds since 1970, as a server would say.
    public var unixSeconds: Int64 { localSeconds + (isOff ? offsetSeconds : 0) }

    /// Takes the time of an answer, whatever its status; one without `Date` changes nothing.
    ///
    /// - Parameter url: whose answer it is. One that came in the clear from another machine is not believed: whoever is on
    ///   the way could have signatures made for another day.
    /// - Returns: whether it told the time, and was believed.
    @discardableResult public func learn(from response: ClientResponse, of url: String) -> Bool {
        guard let date = response.head.fields["Date"], let seconds = UTCTime.unixSeconds(httpDate: date),
            SignableURL(url)?.isPrivate == true
        else { return false }
        let news = Learned(
            difference: Self.difference(seconds - localSeconds, answeredIn: response.milliseconds), epoch: localEpoch)
        learned.withLock { $0 = news }
        return true
    }

    /// The smallest difference that explains a `Date`: the server may have written it at any time from the beginning of the
    /// request to the end of the answer.
    ///
    /// - Parameter atEnd: the difference if it was written at the end.
    private static func difference(_ atEnd: Int64, answeredIn milliseconds: Int) -> Int64 {
        let atBeginning = atEnd + Int64((milliseconds + 999) / 1_000)
        return atEnd > 0 ? atEnd : min(atBeginning, 0)
    }

    private var localSeconds: Int64 { local() / 1_000_000_000 }
    private var localEpoch: Int64 { (local() - MonotonicClock.nanoseconds()) / 1_000_000_000 }
}
