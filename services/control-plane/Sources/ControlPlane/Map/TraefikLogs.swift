import Files
import JSON
import Lifecycle
import Logging
import Settings

/// Follows the access logs of all proxies, on a thread of its own.
struct TraefikLogs: Sendable {
    private static let waitMilliseconds = 250

    let map: LiveMap
    let names: TraefikNames
    let logger: Logger

    /// Works until asked to stop.
    func run(until stop: StopSignal) {
        var tree = JSONTree()
        var logs = (map.settings.traefik ?? []).map {
            (proxy: $0, follower: LogFollower(path: $0.accessLog), fault: "")
        }
        while !logs.isEmpty, !stop.isStopped {
            guard map.isWanted else {
                // Who looks next begins at the end that there is then.
                for index in logs.indices { logs[index].follower.letGo() }
                stop.wait(milliseconds: Self.waitMilliseconds)
                continue
            }
            for index in logs.indices {
                let proxy = logs[index].proxy
                var requests: [ProxyRequest] = []
                var fault = ""
                do throws(FileError) {
                    try logs[index].follower.read { bytes in
                        guard let line = try? tree.parse(bytes), let request = names.request(line, of: proxy) else {
                            return
                        }
                        requests.append(request)
                    }
                } catch {
                    fault = error.description
                }
                if fault != logs[index].fault, !fault.isEmpty {
                    logger.warning("an access log cannot be followed", ["network": proxy.network, "reason": fault])
                }
                logs[index].fault = fault
                if !requests.isEmpty { map.take(requests) }
            }
            stop.wait(milliseconds: Self.waitMilliseconds)
        }
    }
}
