import Digest
public import Files
public import HTTPServer

/// All files of a folder, read once: the scripts, styles and pictures of a page.
///
/// Their URLs hold a hash of all of them, `/assets/4f1c…/app.js`, so that who has one may keep it for ever, and one file
/// finds another beside it.
public struct AssetFolder: Sendable {
    /// Room for all files together.
    public static let bytesMax = 32 << 20
    /// The most files in one folder.
    public static let namesMax = 4_096

    private let prefix: String
    private let hash: String
    private let assets: [String: Asset]

    /// Reads the files of a folder and of those in it.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - prefix: where its URLs begin.
    /// - Throws: `FileError` when something cannot be read, or is more than ``bytesMax`` or ``namesMax``.
    public init(reading path: String, prefix: String = "/assets") throws(FileError) {
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
    ) throws(FileError) {
        for file in try Folder.names(in: path, namesMax: namesMax, where: { !$0.hasPrefix(".") }) {
            let (below, inside) = (path + "/" + file, name.isEmpty ? file : name + "/" + file)
            if try FileFacts(path: below).kind == .folder {
                try read(below, inside, &contents, &room)
            } else {
                let content = try OpenFile(regular: below).content(bytesMax: bytesMax)
                room -= content.count
                guard room >= 0 else { throw FileError(path, .read, .tooLarge(bytesMax: bytesMax)) }
                contents[inside] = content
            }
        }
    }
}
