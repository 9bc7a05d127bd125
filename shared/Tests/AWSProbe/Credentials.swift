import AWS
import Glibc
import JSON
import Lifecycle

/// A session of this environment.
func session(profile: String? = nil) -> AWSSession {
    var options = AWSSession.Options(userAgent: "aws-probe")
    options.profile = profile
    return AWSSession(AWSEnvironment { name in getenv(name).map { String(cString: $0) } }, options: options)
}

/// Prints what is found, as one object.
func printCredentials(profile: String?) throws {
    let session = session(profile: profile)
    let credentials = try session.credentials.credentials()
    print(
        JSONWriter.objectText {
            $0.member("access_key", credentials.accessKeyID)
            $0.member("secret_key", credentials.secretAccessKey.reveal())
            $0.member("token", credentials.sessionToken.reveal())
            $0.member("expires_at", credentials.expiresAt)
            $0.member("origin", session.credentials.origin)
        })
}

/// Asks ten times a second, and prints each key that is another one than before, each error, and the longest wait.
func watchCredentials(seconds: Int) {
    let session = session()
    let end = Deadline.milliseconds(seconds * 1_000)
    var last = ""
    var longestNanoseconds: Int64 = 0
    while !end.hasPassed {
        let start = MonotonicClock.nanoseconds()
        let name: String
        do { name = try session.credentials.credentials().accessKeyID } catch { name = "error: \(error)" }
        longestNanoseconds = max(longestNanoseconds, MonotonicClock.nanoseconds() - start)
        if name != last { print(name) }
        last = name
        usleep(100_000)
    }
    print("longest wait \(longestNanoseconds / 1_000_000) ms")
}
