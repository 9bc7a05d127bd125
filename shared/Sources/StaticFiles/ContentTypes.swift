/// What kind of content a file has, by the ending of its name.
enum ContentTypes {
    private static let byEnding = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8", "json": "application/json", "svg": "image/svg+xml",
        "txt": "text/plain; charset=utf-8", "md": "text/plain; charset=utf-8", "png": "image/png",
        "jpg": "image/jpeg", "webp": "image/webp", "ico": "image/x-icon", "woff2": "font/woff2",
        "webmanifest": "application/manifest+json", "wasm": "application/wasm",
        "pcap": "application/vnd.tcpdump.pcap", "gz": "application/gzip",
    ]

    static func type(of name: String) -> String {
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return byEnding[ending] ?? "application/octet-stream"
    }

    /// Pictures, fonts and archives are packed already.
    static func isPackable(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasSuffix("json") || type.hasSuffix("xml") || type.hasSuffix("wasm")
    }
}
