import Glibc

/// Why a file could not be read, as the end of a sentence that begins with its name.
struct FileProblem: Error {
    let reason: String
}

/// The whole content of a regular, bounded file.
func readFile(_ path: String, bytesMax: Int) throws(FileProblem) -> [UInt8] {
    // Without O_NONBLOCK a named pipe in the place of the file would hold the start up for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileProblem(reason: "cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return bytes }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw FileProblem(reason: "cannot be read: \(String(cString: strerror(errno)))") }
        bytes += chunk[..<count]
        guard bytes.count <= bytesMax else { throw FileProblem(reason: "is larger than \(bytesMax) bytes") }
    }
}
