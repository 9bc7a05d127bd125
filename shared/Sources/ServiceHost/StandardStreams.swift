import Glibc

/// Writes a text to standard output at once; a reader that has gone is no reason to stop.
public func writeOut(_ text: String) {
    writeAll(text, to: STDOUT_FILENO)
}

/// Writes a text to standard error at once.
public func writeError(_ text: String) {
    writeAll(text, to: STDERR_FILENO)
}

/// Writes a whole text; what cannot be written is lost, as there is no other place to report it.
private func writeAll(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
