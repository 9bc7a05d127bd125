import Logging

/// One of the two files with profiles, read as the SDKs read it.
///
/// A section has values by their lower-case names. What is indented below a name without a value are values of their own; below one with
/// a value it goes on with that. Only whole lines are comments, for a secret may hold any character.
struct ProfileFile {
    /// What stands below a `[header]`.
    struct Section {
        /// Any of them may be a key, so all of them are secrets.
        var values: [String: Secret] = [:]
        /// The indented values below a name.
        var nested: [String: [String: Secret]] = [:]
    }

    /// The sections by their headers, as these are written; one that comes again goes on.
    private(set) var sections: [String: Section] = [:]

    /// - Parameter path: for errors.
    /// - Throws: ``AWSError`` with `.configuration`, which names the line and does not quote it.
    init(_ bytes: [UInt8], path: String) throws(AWSError) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = String(decoding: bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...], as: UTF8.self)
        var header: String?
        var name: String?
        var indent = 0
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let content = String(trimming: line)
            if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
            let problem = { (what: String) in AWSError(.configuration, "\(path), line \(index + 1): \(what)") }
            let lineIndent = line.prefix(while: \.isWhitespace).count
            if let header, let name, lineIndent > indent {
                if let value = sections[header]?.values[name], !value.isEmpty {
                    sections[header]?.values[name] = Secret("\(value.reveal())\n\(content)")
                } else {
                    guard let (inner, value) = Self.pair(content, separators: "=") else {
                        throw problem("\"=\" is missing")
                    }
                    sections[header]?.nested[name, default: [:]][inner] = value
                }
                continue
            }
            indent = lineIndent
            if content.hasPrefix("[") {
                guard let end = content.lastIndex(of: "]") else { throw problem("\"]\" is missing") }
                let title = String(trimming: content[content.index(after: content.startIndex)..<end])
                if sections[title] == nil { sections[title] = Section() }
                (header, name) = (title, nil)
            } else {
                guard let header else { throw problem("there is no [section] above it") }
                guard let (key, value) = Self.pair(content, separators: "=:") else { throw problem("\"=\" is missing") }
                name = key.lowercased()
                sections[header]?.values[key.lowercased()] = value
            }
        }
    }

    private static func pair(_ text: String, separators: String) -> (String, Secret)? {
        guard let separator = text.firstIndex(where: separators.contains) else { return nil }
        return (String(trimming: text[..<separator]), Secret(String(trimming: text[text.index(after: separator)...])))
    }
}
