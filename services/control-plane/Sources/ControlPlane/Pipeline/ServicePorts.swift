import HTTPClient
import Lifecycle
import Settings

/// Asks services at the ports of their metrics and health, all at once.
final class ServicePorts {
    typealias Answer = Result<ClientResponse, HTTPError>

    /// The longest that one answer may take.
    private static let timeoutMilliseconds = 2_000

    private let client: HTTPClient
    private let services: [ServiceAddress]
    private let paths: [String]

    /// - Parameter answerBytesMax: a longer answer is an error.
    /// - Throws: ``HTTPError`` when libcurl has no memory for a handle.
    init(
        _ services: [ServiceAddress], paths: [String], answerBytesMax: Int, userAgent: String
    ) throws(HTTPError) {
        var options = HTTPClient.Options(userAgent: userAgent)
        options.connectTimeoutMilliseconds = Self.timeoutMilliseconds / 2
        options.requestTimeoutMilliseconds = Self.timeoutMilliseconds
        options.responseBytesMax = answerBytesMax
        options.connectionsMax = services.count
        client = try HTTPClient(options)
        (self.services, self.paths) = (services, paths)
    }

    /// What each service answers at each path, in their order; nil for what has not come in time. Takes as long as the slowest
    /// answer, a few seconds at most.
    func ask(wakingOn stop: StopSignal? = nil) -> [[Answer?]] {
        var answers: [[Answer?]] = services.map { _ in paths.map { _ in nil } }
        for (index, service) in services.enumerated() {
            for (part, path) in paths.enumerated() {
                do throws(HTTPError) {
                    try client.send(
                        ClientRequest(.get, "http://\(service.authority)\(path)"),
                        tag: UInt64(index * paths.count + part))
                } catch {
                    answers[index][part] = .failure(error)
                }
            }
        }
        let deadline = Deadline.milliseconds(Self.timeoutMilliseconds * 2)
        while client.inFlightCount > 0, stop?.isStopped != true, !deadline.hasPassed {
            for completion in client.poll(
                milliseconds: deadline.remainingMilliseconds, wakingOn: stop.map { [$0.fileDescriptor] } ?? [])
            {
                let (index, part) = Int(completion.tag).quotientAndRemainder(dividingBy: paths.count)
                answers[index][part] = completion.result
            }
        }
        return answers
    }
}
