/// When credentials are got anew: decides, and neither waits nor asks anybody. Times are seconds since 1970 by the servers' clock.
struct CredentialRenewal {
    /// Credentials that last an hour are got anew a quarter of an hour before they end, or a little later.
    static let leadSecondsMax: Int64 = 900
    /// How often files are looked at, in which somebody may have put other keys.
    static let rereadSeconds: Int64 = 60
    static let pauseSecondsMax: Int64 = 60
    /// How long others are not asked for after a server had called some expired.
    static let refusalSeconds: Int64 = 30

    /// What to do with a request that waits for a signature.
    enum Step: Equatable {
        /// Sign with these; when they shall be got anew, that begins meanwhile.
        case use(AWSCredentials, beginsRenewal: Bool)
        /// Wait for what is under way.
        case wait(beginsRenewal: Bool)
        /// There are none before the next try.
        case fail(AWSError)
    }

    /// Why the last try gave nothing; nil after one that did.
    private(set) var trouble: AWSError?
    private var current: AWSCredentials?
    private var dueAt = Int64.min
    private var nextTryAt = Int64.min
    private var isUnderWay = false
    private var isRefused = false
    private var failures = 0
    /// Whether they had ended when they came: then it may be the clock that is wrong, and servers decide.
    private var isEndDoubted = false
    /// Whether it is worth a look from time to time although they do not end.
    private var isInFiles = false

    private var isReread: Bool { isEndDoubted || isInFiles && current?.expiresAt == nil }

    mutating func step(now: Int64) -> Step {
        followClock(now)
        let begins = !isUnderWay && now >= nextTryAt && (current == nil || isRefused || now >= dueAt)
        if begins { isUnderWay = true }
        if let current, !isRefused, isEndDoubted || current.expiresAt ?? .max > now {
            return .use(current, beginsRenewal: begins)
        }
        if isUnderWay { return .wait(beginsRenewal: begins) }
        return .fail(trouble ?? AWSError(.unavailable, "the credentials have ended"))
    }

    /// - Parameters:
    ///   - isInFiles: whether it is worth a look from time to time although they do not end.
    ///   - jitter: 0 to 1; sensors that were started together do not ask together.
    mutating func succeeded(_ credentials: AWSCredentials, isInFiles: Bool, now: Int64, jitter: Double) {
        nextTryAt = isRefused ? now + Self.refusalSeconds : now
        (current, isUnderWay, isRefused, failures, trouble) = (credentials, false, false, 0, nil)
        isEndDoubted = credentials.expiresAt.map { $0 <= now } ?? false
        self.isInFiles = isInFiles
        if isReread {
            dueAt = now + Self.rereadSeconds
        } else {
            dueAt = credentials.expiresAt.map { Self.renewalTime(before: $0, now: now, jitter: jitter) } ?? .max
        }
        // What ends just about now is no reason to ask without a pause.
        if isReread || credentials.expiresAt != nil { nextTryAt = max(nextTryAt, now + 1) }
    }

    private static func renewalTime(before end: Int64, now: Int64, jitter: Double = 0) -> Int64 {
        end - Int64(Double(min(leadSecondsMax, (end - now) / 2)) * (1 - jitter / 3))
    }

    mutating func failed(_ error: AWSError, now: Int64, jitter: Double) {
        (isUnderWay, trouble) = (false, error)
        let pause = min(Self.pauseSecondsMax, 1 << Int64(min(failures, 6)))
        failures += 1
        nextTryAt = now + max(1, Int64(Double(pause) * (1 - jitter / 2)))
    }

    /// A server has called the credentials with this name expired.
    ///
    /// - Returns: whether there are others already, or may be.
    mutating func refuse(_ accessKeyID: String, now: Int64) -> Bool {
        followClock(now)
        guard let current, current.accessKeyID == accessKeyID else { return true }
        guard now >= nextTryAt || isUnderWay else { return false }
        isRefused = true
        return true
    }

    /// Keeps times that were set by a clock which has gone back since from lying far ahead.
    private mutating func followClock(_ now: Int64) {
        nextTryAt = min(nextTryAt, now + Self.pauseSecondsMax)
        if isReread { dueAt = min(dueAt, now + Self.rereadSeconds) }
        if isEndDoubted, let expiresAt = current?.expiresAt, expiresAt > now {
            isEndDoubted = false
            dueAt = Self.renewalTime(before: expiresAt, now: now)
        }
    }
}
