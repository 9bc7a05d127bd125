import Glibc
import HTTPServer

/// What the probe was told: a folder, and pairs such as `limit.webSocketsMax=600` or `rate=20`.
struct ProbeArguments {
    let folder: String
    private var values: [String: String] = [:]

    init(_ words: ArraySlice<String>) {
        folder = words.first ?? "."
        for word in words.dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    func number(_ key: String, default number: Int) -> Int {
        values[key].flatMap { Int($0) } ?? number
    }

    var listeners: [Listener] {
        var listeners = [Listener.tcp(bind: "127.0.0.1", port: 0), .unix(path: folder + "/socket")]
        if let certificate = values["certificate"], let key = values["key"] {
            listeners.append(
                .tcp(
                    bind: "127.0.0.1", port: 0,
                    identity: Listener.TLSIdentity(certificateFile: certificate, keyFile: key)))
        }
        return listeners
    }

    var limits: HTTPLimits {
        var limits = HTTPLimits()
        for (name, path) in Self.limitNames {
            limits[keyPath: path] = number("limit." + name, default: limits[keyPath: path])
        }
        return limits
    }

    private static var limitNames: [(String, WritableKeyPath<HTTPLimits, Int>)] {
        [
            ("connectionsMax", \.connectionsMax), ("webSocketsMax", \.webSocketsMax),
            ("webSocketsOfClientMax", \.webSocketsOfClientMax), ("uploadsMax", \.uploadsMax),
            ("transferTimeoutSeconds", \.transferTimeoutSeconds), ("transferWindowSeconds", \.transferWindowSeconds),
            ("workerThreads", \.workerThreads), ("waitingRequestsMax", \.waitingRequestsMax),
            ("webSocketSilenceSeconds", \.webSocketSilenceSeconds),
        ]
    }
}

/// Writes a line at once, which `print` does not do into a file.
func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(1, line, line.count)
}
