import Glibc
import HTTPServer
import HTTPTypes
import StaticFiles

/// What the probe serves.
struct ProbeRoutes {
    let arguments: ProbeArguments

    init(_ arguments: ProbeArguments) {
        self.arguments = arguments
    }

    var router: Router {
        let folder = arguments.folder
        let assets = AssetFolder([
            "index.html": Array("<!doctype html>".utf8),
            "app.js": Array(String(repeating: "let a = 1;\n", count: 1000).utf8),
        ])
        let large = [UInt8](repeating: UInt8(ascii: "x"), count: 2 << 20)
        var upload = Route.upload(.put, "/uploads/{name}", bytesMax: 1 << 30) { request in
            try StoredUpload(folder + "/" + (request.parameters["name"] ?? ""), request)
        }
        upload.headerNames = ["X-File-Name"]
        return Router(
            ProbeAPI.server.routes + [
                .atOnce(.get, "/healthz") { _ in .whole(ServerResponse(text: "fine\n")) },
                .atOnce(.get, "/large") { _ in .whole(ServerResponse(body: large)) },
                .atOnce(.get, "/peer") { .whole(ServerResponse(text: "\($0.peer)\n")) },
                .blocking(.get, "/echo") { request in
                    let pairs = request.query.map { "\($0.name)=\($0.value)\n" }.joined()
                    return .whole(ServerResponse(text: request.path + "\n" + pairs))
                },
                .blocking(.post, "/echo", bodyBytesMax: 1 << 20) { .whole(ServerResponse(body: $0.body)) },
                .blocking(.get, "/sleep") { request in
                    usleep(UInt32(request.query["milliseconds"].flatMap { Int($0) } ?? 0) * 1000)
                    return .whole(ServerResponse(text: "awake\n"))
                },
                .blocking(.get, "/stream") { request in
                    let count = request.query["bytes"].flatMap { Int($0) } ?? 0
                    let isLengthKnown = request.query["chunked"] == nil
                    return .streamed(
                        HTTPResponseHead(.ok), byteCount: isLengthKnown ? count : nil,
                        PatternBody(remainingBytes: count))
                },
                upload,
                assets.route,
                .atOnce(.get, "/") { assets["index.html"]?.answer(to: $0) ?? .whole(ServerResponse(.notFound)) },
                .atOnce(.get, "/script-url") { _ in .whole(ServerResponse(text: assets.url(of: "app.js"))) },
                .blocking(.get, "/downloads/{name}") { request in
                    let name = request.parameters["name"] ?? ""
                    return try FileDownload(path: folder + "/" + name, name: name).answer(to: request)
                },
                .webSocket("/live", subprotocols: ["probe.v1"]) { request in
                    Listening(ProbeBroadcasts.shared.live, client: request.query["client"] ?? "anybody")
                },
                .webSocket("/echo-socket") { _ in Echoing() },
            ])
    }
}

/// A body of a known pattern, made as it is taken.
struct PatternBody: BodyProducer {
    var remainingBytes: Int

    mutating func next() -> [UInt8]? {
        guard remainingBytes > 0 else { return nil }
        let count = min(remainingBytes, 64 * 1024)
        remainingBytes -= count
        return [UInt8](repeating: UInt8(ascii: "y"), count: count)
    }
}

/// An upload that goes to a file; with `?pause=` it takes a while for each piece.
struct StoredUpload: UploadConsumer {
    let path: String
    let descriptor: Int32
    let pauseMicroseconds: UInt32
    let fileName: String
    var byteCount = 0

    struct Failure: Error {}

    init(_ path: String, _ request: ServerRequest) throws {
        self.path = path
        pauseMicroseconds = UInt32(request.query["pause"].flatMap { Int($0) } ?? 0) * 1000
        fileName = request.head.fields["x-file-name"] ?? ""
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure() }
    }

    mutating func take(_ piece: [UInt8]) throws {
        usleep(pauseMicroseconds)
        guard write(descriptor, piece, piece.count) == piece.count else { throw Failure() }
        byteCount += piece.count
        if path.hasSuffix("refused") { throw Refusal(ServerResponse(.unprocessableContent, text: "refused\n")) }
    }

    mutating func finish() -> Answer {
        close(descriptor)
        return .whole(ServerResponse(.created, text: "\(byteCount) \(fileName)\n"))
    }

    mutating func abandon() {
        close(descriptor)
        unlink(path)
    }
}
