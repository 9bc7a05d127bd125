import CivilTime
import JSON

/// A completed request, as `/access_logs` tells it.
struct AccessLogLine: Sendable {
    let network: String
    let from: String
    let to: String
    let status: Int64?
    let milliseconds: Double?
    let method: String
    let path: String
    /// Nanoseconds since the epoch.
    let time: Int64

    var json: [UInt8] {
        JSONWriter.object { line in
            line.member("network name", network)
            line.member("service from", from)
            line.member("service to", to)
            line.member("status", status)
            line.member("duration_ms", milliseconds)
            line.member("method", method)
            line.member("path", path)
            line.member("time", UTCTimestamp(time, .milliseconds).description)
        }
    }
}
