import Foundation
import Glibc
import Lifecycle
import Testing

/// The probe service as a process of its own.
final class ProbeProcess {
    private let process = Process()
    private let standardOutput = Pipe()
    private let standardError = Pipe()
    /// The port of its metrics and health.
    let port: Int

    /// - Parameter port: nil takes one that is free now.
    init(_ arguments: [String], port: Int? = nil, environment: [String: String] = [:]) throws {
        self.port = try port ?? FreePort().number
        let executable = try #require(Self.executable)
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ["EVE_READER_HTTP_PORT": String(self.port)].merging(environment) { $1 }
        process.standardOutput = standardOutput
        process.standardError = standardError
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    var processIdentifier: Int32 { process.processIdentifier }

    func signal(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits for the end.
    ///
    /// - Returns: the status (negative for a signal) and what was written.
    func result() -> (status: Int32, output: String, errors: String) {
        let output = standardOutput.fileHandleForReading.readDataToEndOfFile()
        let errors = standardError.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return (status, String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self))
    }

    /// Waits until a line with that text stands on standard error.
    func waitForLine(with text: String) -> Bool {
        var seen = Data()
        while true {
            let data = standardError.fileHandleForReading.availableData
            if data.isEmpty { return false }
            seen += data
            if String(decoding: seen, as: UTF8.self).contains(text) { return true }
        }
    }

    /// Beside the test bundle, which is mapped into this process.
    private static let executable: URL? = {
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return nil }
        let bundle = maps.split(separator: "\n").first { $0.hasSuffix(".xctest") }
        let path = bundle?.firstIndex(of: "/").flatMap { bundle?[$0...] }
        return path.map {
            URL(fileURLWithPath: String($0)).deletingLastPathComponent().appendingPathComponent("service-host-probe")
        }
    }()
}

/// A port that was free a moment ago.
struct FreePort {
    let number: Int

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard code == 0 else { throw POSIXError(.EADDRINUSE) }
        number = Int(UInt16(bigEndian: address.sin_port))
    }
}
