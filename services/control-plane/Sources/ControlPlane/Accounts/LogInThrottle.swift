/// How often somebody may try to log in. Nobody is kept out for good.
///
/// Counted for each account, so that many machines can't try one account, and for each client, so that one machine can't
/// try many accounts. A try counts as failed until it has succeeded, so that a thousand at once are no way around it. The place
/// from which an account was entered before has a count of its own, and is not held up by what others do to that account, or
/// from the same network. A success makes up for failures with the same account alone.
struct LogInThrottle: Sendable {
    /// Failed tries that cost nothing.
    static let freeTries = 5
    /// The longest wait, in seconds.
    static let waitSecondsMax: Int64 = 300
    /// Tries of all together in one second.
    static let triesPerSecond = 10
    /// Seconds without a try after which failures are forgotten.
    private static let memorySeconds: Int64 = 3_600
    /// Accounts and clients that are remembered; those whose last try is longest ago are forgotten first.
    private static let countedMax = 4_096

    private struct Failures {
        var count = 0
        var last: Int64
    }

    private var failures: [String: Failures] = [:]
    /// Accounts with the places from which they were entered.
    private var known: Set<[String]> = []
    private var second: (time: Int64, tries: Int) = (0, 0)

    /// Asks for a try.
    ///
    /// - Parameters:
    ///   - account: nil for a try that names none.
    ///   - client: the machine that tries.
    ///   - now: seconds of any clock.
    /// - Returns: nil when it may be made, else the seconds to wait.
    mutating func begin(account: String?, client: ClientAddress, now: Int64) -> Int64? {
        var keys = [client.client]
        if let account {
            let pair = Self.pair(account, client)
            keys = known.contains([account, client.place]) ? [pair] : keys + [Self.key(account), pair]
        }
        let wait = keys.map { pause(for: $0, now) }.max() ?? 0
        guard wait == 0 else { return wait }
        if second.time != now { second = (now, 0) }
        guard second.tries < Self.triesPerSecond else { return 1 }
        second.tries += 1
        for key in keys { count(key, now) }
        return nil
    }

    /// The try has succeeded: what failed before for this account from this client was a slip. What it tried with other
    /// accounts stays, or who has one could try the passwords of others for ever.
    mutating func succeeded(account: String, client: ClientAddress) {
        let pair = Self.pair(account, client)
        if !known.contains([account, client.place]) {
            let slips = failures[pair]?.count ?? 1
            failures[client.client]?.count -= slips
        }
        for key in [pair, Self.key(account)] { failures[key] = nil }
        know(account: account, client: client)
    }

    /// The account was entered from there.
    mutating func know(account: String, client: ClientAddress) {
        if known.count >= Self.countedMax { known.removeFirst() }
        known.insert([account, client.place])
    }

    private static func key(_ account: String) -> String { "account \(account)" }

    private static func pair(_ account: String, _ client: ClientAddress) -> String {
        "account \(account) from \(client.place)"
    }

    private func pause(for key: String, _ now: Int64) -> Int64 {
        guard let failures = failures[key], failures.count >= Self.freeTries else { return 0 }
        let length = min(Self.waitSecondsMax, 2 << Int64(min(20, failures.count - Self.freeTries)))
        // No longer than that, also when the clock was set back.
        return max(0, min(length, failures.last + length - now))
    }

    private mutating func count(_ key: String, _ now: Int64) {
        if let known = failures[key], abs(now - known.last) < Self.memorySeconds {
            failures[key] = Failures(count: known.count + 1, last: now)
        } else {
            failures[key] = Failures(count: 1, last: now)
        }
        guard failures.count > Self.countedMax else { return }
        failures = failures.filter { abs(now - $0.value.last) < Self.memorySeconds }
        while failures.count > Self.countedMax, let oldest = failures.min(by: { $0.value.last < $1.value.last }) {
            failures[oldest.key] = nil
        }
    }
}
