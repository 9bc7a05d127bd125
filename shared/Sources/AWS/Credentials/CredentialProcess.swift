import Glibc
import Lifecycle
import Processes

/// A command that prints credentials.
struct CredentialProcess {
    let words: [String]
    let environment: AWSEnvironment
    /// Variables that are none of its business.
    let withheldVariables: Set<String>

    /// What it prints; what it complains about goes to the standard error of this process.
    ///
    /// - Throws: ``AWSError`` with `.configuration` when it cannot be started, and `.unavailable` when it fails or takes too
    ///   long; it is ended then.
    func output(timeoutMilliseconds: Int, bytesMax: Int) throws(AWSError) -> [UInt8] {
        let name = words[0]
        guard let path = path(of: name) else {
            throw AWSError(
                .configuration, "credential_process \(name) is no program, and none of this name is on the PATH")
        }
        var program = Program(path, Array(words.dropFirst()))
        program.name = name
        program.environment = Program.environment(without: withheldVariables)
        program.output = .caught(bytesMax: bytesMax)
        program.errors = .inherited
        let child: ChildProcess
        do throws(ProcessError) { child = try ChildProcess(program) } catch {
            throw AWSError(.configuration, "credential_process \(name)", cause: error)
        }
        guard let ending = child.wait(until: .milliseconds(timeoutMilliseconds)) else {
            child.kill()
            throw AWSError(
                .unavailable, "credential_process \(name) has printed nothing in \(timeoutMilliseconds / 1_000) s")
        }
        guard ending == .exited(status: 0) else {
            throw AWSError(.unavailable, "credential_process \(name) has ended with \(ending)")
        }
        guard !child.isOutputCut else {
            throw AWSError(.configuration, "credential_process \(name) prints more than \(bytesMax) bytes")
        }
        return child.output
    }

    /// As a shell finds it.
    private func path(of name: String) -> String? {
        if name.contains("/") { return environment.expanded(name) }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
