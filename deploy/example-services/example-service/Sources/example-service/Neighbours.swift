import HTTPClient
import HTTPTypes
import Lifecycle

/// The services that this one calls.
struct Neighbours: Sendable {
    let urls: [String]
    let userAgent: String

    /// - Returns: the status that the first one has answered with, 502 when it did not answer; nil when there are none.
    func callFirst() -> HTTPStatus? {
        urls.first.map(call)
    }

    /// A thread that calls them in turn; nil when that is never.
    func callRegularly(seconds: Int, until stop: StopSignal) -> DedicatedThread? {
        guard seconds > 0, !urls.isEmpty else { return nil }
        return DedicatedThread {
            for url in repeatElement(urls, count: .max).joined() {
                Pause.milliseconds(seconds * 1_000, wakingOn: [stop.fileDescriptor])
                if stop.isStopped { return }
                _ = call(url)
            }
        }
    }

    private func call(_ url: String) -> HTTPStatus {
        var options = HTTPClient.Options(userAgent: userAgent)
        (options.connectTimeoutMilliseconds, options.requestTimeoutMilliseconds) = (1_000, 3_000)
        do {
            return try HTTPClient(options).answer(to: ClientRequest(.get, url)).status
        } catch {
            print("\(userAgent): \(url) did not answer: \(error)")
            return 502
        }
    }
}
