import Files
import Glibc
import Logging

/// What AWS' SDKs look at: environment variables, and the files that they name.
public struct AWSEnvironment: Sendable {
    /// More than anybody writes into such a file.
    private static let fileBytesMax = 1 << 20

    private let variable: @Sendable (String) -> String?

    /// - Parameter variable: the value of an environment variable; one without a value is as if it were not there.
    public init(_ variable: @escaping @Sendable (String) -> String?) {
        self.variable = variable
    }

    subscript(name: String) -> String? {
        guard let value = variable(name), !value.isEmpty else { return nil }
        return value
    }

    /// Whether a switch is on.
    func isOn(_ name: String) -> Bool { self[name]?.lowercased() == "true" }

    /// A path with `~` as the home folder.
    func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return (self["HOME"] ?? "") + path.dropFirst()
    }

    /// The content of a file; nil when it is not there.
    ///
    /// - Throws: ``AWSError`` with `.configuration` for what cannot be read.
    func content(of path: String) throws(AWSError) -> [UInt8]? {
        do throws(FileError) {
            return try OpenFile(regular: expanded(path)).content(bytesMax: Self.fileBytesMax)
        } catch {
            if error.isMissing { return nil }
            throw AWSError(.configuration, "a file with AWS' settings", cause: error)
        }
    }

    /// The content of a file that has to be there, without the space around it.
    func secret(in path: String) throws(AWSError) -> Secret {
        guard let bytes = try content(of: path) else { throw AWSError(.configuration, "\(path) is not there") }
        return Secret(String(trimming: String(decoding: bytes, as: UTF8.self)))
    }

    /// The profiles of both files as they are now.
    func profiles() throws(AWSError) -> Profiles {
        Profiles(
            config: try profileFile(namedBy: "AWS_CONFIG_FILE", else: "~/.aws/config"),
            credentials: try profileFile(namedBy: "AWS_SHARED_CREDENTIALS_FILE", else: "~/.aws/credentials"))
    }

    /// A file of profiles; empty when it is not there, or somebody else's and nobody has named it.
    private func profileFile(namedBy variable: String, else usual: String) throws(AWSError) -> ProfileFile {
        let path = self[variable] ?? usual
        let bytes: [UInt8]
        do throws(AWSError) {
            bytes = try content(of: path) ?? []
        } catch {
            guard self[variable] == nil, (error.cause as? FileError)?.cause == .refused(EACCES) else { throw error }
            bytes = []
        }
        return try ProfileFile(bytes, path: path)
    }
}

extension String {
    /// Without white space at the ends.
    init(trimming text: some StringProtocol) {
        let rest = text.drop(while: \.isWhitespace)
        self = String(rest[..<(rest.lastIndex { !$0.isWhitespace }.map(rest.index(after:)) ?? rest.startIndex)])
    }
}
