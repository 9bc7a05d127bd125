import Digest
import Glibc
public import HTTPServer

/// All files of a folder, read once: the scripts, styles and pictures of a page.
///
/// Their URLs hold a hash of all of them, `/assets/4f1c…/app.js`, so that who has one may keep it for ever, and one file
/// finds another beside it.
public struct AssetFolder: Sendable {
    /// Why a folder cannot be served.
    public struct Failure: Error, CustomStringConvertible {
        /// For people.
        public let description: String
    }

    /// Room for all files together.
    public static let bytesMax = 32 << 20

    private let prefix: String
    private let hash: String
    private let assets: [String: Asset]

    /// Reads the files of a folder and of those in it.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - prefix: where its URLs begin.
    /// - Throws: ``Failure`` when something cannot be read, or is more than ``bytesMax``.
    public init(reading path: String, prefix: String = "/assets") throws(Failure) {
        var contents: [String: [UInt8]] = [:]
        var room = Self.bytesMax
        try Self.read(path, "", &contents, &room)
        self.init(contents, prefix: prefix)
    }

    /// Serves these contents, by name.
    public init(_ contents: [String: [UInt8]], prefix: String = "/assets") {
        self.prefix = prefix
        assets = contents.reduce(into: [:]) { $0[$1.key] = Asset(name: $1.key, bytes: $1.value) }
        let all = assets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.hash)\n" }.joined()
        hash = String(Hexadecimal.text(of: SHA256.hash(all.utf8)).prefix(16))
    }

    /// Where a file is to be had now.
    public func url(of name: String) -> String {
        "\(prefix)/\(hash)/\(name)"
    }

    /// The file itself, to be served elsewhere as well, as a page.
    public subscript(name: String) -> Asset? {
        assets[name]
    }

    /// What answers for all files.
    public var route: Route {
        .atOnce(.get, prefix + "/{hash}/{name...}") { request in
            guard request.parameters["hash"] == hash, let asset = assets[request.parameters["name"] ?? ""] else {
                return .whole(ServerResponse(.notFound, text: "there is no such file, or no longer\n"))
            }
            return asset.answer(to: request, caching: .immutable)
        }
    }

    private static func read(
        _ path: String, _ name: String, _ contents: inout [String: [UInt8]], _ room: inout Int
    ) throws(Failure) {
        guard let folder = opendir(path) else { throw failure(path) }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let file = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if file.hasPrefix(".") { continue }
            let (below, inside) = (path + "/" + file, name.isEmpty ? file : name + "/" + file)
            var facts = stat()
            guard stat(below, &facts) == 0 else { throw failure(below) }
            if facts.st_mode & S_IFMT == S_IFDIR {
                try read(below, inside, &contents, &room)
            } else {
                contents[inside] = try read(below, &room)
            }
        }
    }

    private static func read(_ path: String, _ room: inout Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            guard count > 0 else { throw failure(path) }
            room -= count
            guard room >= 0 else { throw Failure(description: "\(path) makes it more than \(bytesMax) bytes") }
            bytes += chunk[..<count]
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(description: "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
}
