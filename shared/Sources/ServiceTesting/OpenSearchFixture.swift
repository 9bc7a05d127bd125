import Foundation

/// A real OpenSearch of one node on the loopback, started from a folder that is named by `OPENSEARCH_HOME` or lies
/// beside the repository as `shared/opensearch`.
///
/// It ends when the fixture goes, and also when the test process is killed.
///
/// Unchecked because of the process and the pipe, which only `init` and `deinit` touch.
public final class OpenSearchFixture: @unchecked Sendable {
    /// The folder to start from, or nil when there is none.
    public static let home: String? = {
        let variable = ProcessInfo.processInfo.environment["OPENSEARCH_HOME"]
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let beside = repository.deletingLastPathComponent().appendingPathComponent("shared/opensearch").path
        let folder = variable.flatMap { $0.isEmpty ? nil : $0 } ?? beside
        return FileManager.default.isExecutableFile(atPath: folder + "/start") ? folder : nil
    }()

    /// Why tests with an OpenSearch are skipped.
    public static let absence = "no OpenSearch: set OPENSEARCH_HOME to a folder with its start script"

    /// The server did not start.
    public struct StartError: Error, CustomStringConvertible {
        /// What it printed.
        public let description: String
    }

    /// What it is reached by, `http://127.0.0.1:PORT` or `https://localhost:PORT`.
    public let url: String
    /// Its data, configuration and logs.
    public let folder: String
    private let shell: Process
    /// The shell waits for the end of this pipe and then stops the server.
    private let lifeline: Pipe

    /// Starts the server, tells its folder, and stops it when its input ends, however that comes.
    private static let script = """
        home=$1; shift
        dir=$("$home/start" "$@" 2>&1) || { echo "FAILED $dir"; exit 1; }
        echo "$dir"; cat >/dev/null
        "$home/stop" "$dir"; rm -rf "$dir"
        """

    /// Starts it, which takes some seconds.
    ///
    /// - Parameters:
    ///   - secure: with TLS and users; `admin` has the password `admin`, and the authority is `config/ca.pem` in the folder.
    ///   - options: words such as `-Ehttp.max_content_length=1mb`.
    public init(secure: Bool = false, options: [String] = []) throws {
        guard let home = Self.home else { throw StartError(description: Self.absence) }
        // The transport port is 100 above, and both must be free.
        let port = try freePort()
        let words = ["-p", "\(port)", "-m", "400m"] + (secure ? ["-s"] : []) + ["--"] + options
        shell = Process()
        // In a session of its own: Ctrl-C and signals to the group of the tests must not end it before the server.
        shell.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        shell.arguments = ["--wait", "bash", "-c", Self.script, "opensearch", home] + words
        lifeline = Pipe()
        let output = Pipe()
        shell.standardInput = lifeline
        shell.standardOutput = output
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        var line = ""
        while !line.contains("\n") {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { break }
            line += String(decoding: bytes, as: UTF8.self)
        }
        guard line.hasPrefix("/") else { throw StartError(description: line) }
        folder = line.trimmingCharacters(in: .whitespacesAndNewlines)
        url = secure ? "https://localhost:\(port)" : "http://127.0.0.1:\(port)"
    }

    deinit {
        try? lifeline.fileHandleForWriting.close()
        shell.waitUntilExit()
    }

    /// Sends a request with `curl` and gives the body of the answer.
    @discardableResult
    public func call(_ method: String, _ path: String, _ body: String? = nil) throws -> String {
        let curl = Process()
        curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        var arguments = ["-s", "-X", method, "-H", "Content-Type: application/json", url + path]
        if url.hasPrefix("https") { arguments += ["--cacert", folder + "/config/ca.pem", "-u", "admin:admin"] }
        if let body { arguments += ["--data-binary", body] }
        curl.arguments = arguments
        let output = Pipe()
        curl.standardOutput = output
        try curl.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        curl.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The ids of all documents in the indexes that match a pattern; at most 10,000.
    public func ids(in pattern: String) throws -> Set<String> {
        try call("POST", "/\(pattern)/_refresh")
        let answer = try call(
            "GET", "/\(pattern)/_search?size=10000&_source=false&filter_path=hits.hits._id&ignore_unavailable=true")
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let hits = (object?["hits"] as? [String: Any])?["hits"] as? [[String: Any]] ?? []
        return Set(hits.compactMap { $0["_id"] as? String })
    }
}
