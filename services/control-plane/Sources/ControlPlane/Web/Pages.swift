import Files
import HTTPServer
import HTTPTypes
import JSON
import Logging
import StaticFiles

/// The pages: files of one folder, read once at the start.
///
/// `index.html` answers for every path that nothing else answers for, because the page itself knows its places; `docs.html`
/// shows the description of the API. All files are below `/assets/`, under URLs with a hash; the two pages find them by
/// `{{assets}}`, for which the beginning of these URLs is put in.
struct Pages: Sendable {
    /// What a browser may load for a page: our own files, and nothing that stands in the page itself.
    static let policy =
        "default-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    /// Swagger UI has its pictures in its style.
    private static let docsPolicy = policy + "; img-src 'self' data:"
    /// The command that puts the pages and the libraries that they need into one folder.
    static let command = "scripts/pages"

    /// Files that the pages need and that are not there, by name.
    let missing: [String]
    private let folder: AssetFolder
    private let folderPath: String

    /// - Parameter path: the folder; when it can't be read the page says so.
    init(reading path: String, logger: Logger) {
        folderPath = path
        do throws(FileError) {
            folder = try AssetFolder(reading: path)
        } catch {
            logger.warning("the pages cannot be read: \(error); the API works without them", ["command": Self.command])
            folder = AssetFolder([:])
        }
        missing = Self.missing(in: path, folder)
        if !missing.isEmpty {
            logger.warning(
                "the pages are not complete; the API works without them",
                ["missing": missing.joined(separator: " "), "command": Self.command])
        }
    }

    /// The routes of the pages and their files.
    var routes: [Route] {
        let index = page("index.html")
        let docs = page("docs.html", policy: Self.docsPolicy)
        let notFound = Route.atOnce(.get, "/assets/{path...}") { _ in
            .whole(ServerResponse(.notFound, text: "there is no such file, or no longer\n"))
        }
        return [
            .atOnce(.get, "/docs") { docs($0) },
            folder.route, notFound,
            .atOnce(.get, "/{path...}") { [folder] request in
                // What browsers ask for by a name of their own, such as favicon.ico.
                let name = request.parameters["path"] ?? ""
                if name.contains("."), !name.hasSuffix(".html"), let file = folder[name] {
                    return file.answer(to: request)
                }
                return index(request)
            },
        ]
    }

    private func page(_ name: String, policy: String = policy) -> @Sendable (ServerRequest) -> Answer {
        guard missing.isEmpty, let bytes = try? OpenFile(regular: folderPath + "/" + name).content(bytesMax: 1 << 20)
        else {
            let answer = notice(name)
            return { _ in answer }
        }
        let text = String(decoding: bytes, as: UTF8.self)
            .split(separator: "{{assets}}/", omittingEmptySubsequences: false).joined(separator: folder.url(of: ""))
        let asset = Asset(name: name, bytes: Array(text.utf8))
        return { request in
            guard case .whole(var response) = asset.answer(to: request) else { return asset.answer(to: request) }
            response.fields.append("content-security-policy", policy)
            return .whole(response)
        }
    }

    /// What is shown in place of a page.
    private func notice(_ name: String) -> Answer {
        let absent = missing.isEmpty ? name : missing.joined(separator: ", ")
        let text = """
            <!doctype html><html lang="en"><title>IDS suite</title>
            <h1>The page is not complete</h1>
            <p>The pipeline goes on, and the API works: it is described at <a href="/openapi.json">/openapi.json</a>.</p>
            <p>Missing: \(Self.escaped(absent)).</p>
            <p>Run <code>\(Self.command)</code> in the checkout, or take the image of a release, and start control-plane again.</p></html>

            """
        return .whole(
            ServerResponse(
                .serviceUnavailable,
                fields: ["content-type": "text/html; charset=utf-8", "content-security-policy": Self.policy],
                body: Array(text.utf8)))
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "<": result += "&lt;"
            case "&": result += "&amp;"
            default: result.append(character)
            }
        }
    }

    /// `libraries.json` names the files of others, which are fetched and not part of the checkout.
    private static func missing(in path: String, _ folder: AssetFolder) -> [String] {
        var wanted = ["index.html"]
        if let bytes = try? OpenFile(regular: path + "/libraries.json").content(bytesMax: 1 << 20) {
            var tree = JSONTree()
            wanted += bytes.withUnsafeBytes { bytes in
                guard let libraries = try? tree.parse(bytes) else { return [] }
                return libraries.elements.flatMap { library in
                    // A pack of icons becomes one picture.
                    if library["icons"] != nil { return ["lib/icons.svg"] }
                    return library["files"]?.elements.compactMap { $0["as"]?.string.map { "lib/" + $0 } } ?? []
                }
            }
        }
        return wanted.filter { folder[$0] == nil }
    }
}
