import Configuration
import Logging
import Settings

/// A configuration as people see it: each secret has a mask in its place, which stands for the value that is in force when
/// the text comes back.
enum MaskedText {
    /// A mask that stands for nothing, as there was no value.
    struct NothingMaskedError: Error {
        let key: String
        let line: Int?
    }

    /// Every key by its name, and with it the key that names the file of a secret.
    static let keys: [String: KeyDefinition] = Dictionary(
        SettingsCatalog.sections.flatMap(\.keys).flatMap { key in
            [(key.name, key)] + (key.fileName.map { [($0, key)] } ?? [])
        }, uniquingKeysWith: { first, _ in first })

    /// Whether anybody may see the value of a name. Of a name that no service knows nobody knows what it is.
    static func isOpen(_ name: String) -> Bool {
        guard let key = keys[name] else { return false }
        return !key.isSecret || name == key.fileName
    }

    /// The text with masks; nil when it is no YAML, so that nobody can tell where its secrets stand.
    static func mask(_ text: ConfigurationText) -> String? {
        guard text.isWhole else { return nil }
        let masked = text.replacingValues { name, value in isOpen(name) || value.isEmpty ? nil : Secret.mask }
        return lines(masked).map(maskedComment).joined(separator: "\n")
    }

    /// The text with the values of `current` in the place of masks.
    ///
    /// - Throws: ``NothingMaskedError``.
    static func unmask(
        _ text: ConfigurationText, by current: ConfigurationText
    ) throws(NothingMaskedError) -> ConfigurationText {
        guard text.isWhole else { return text }
        let names = text.names.filter { !isOpen($0) && text[$0] == Secret.mask }
        if let missing = names.first(where: { current[$0] == nil }) {
            throw NothingMaskedError(key: missing, line: text.line(of: missing))
        }
        let revealed = text.replacingValues { name, value in
            !isOpen(name) && value == Secret.mask ? current[name] : nil
        }
        // Comments in the order in which they stand.
        var comments: [String: [String]] = [:]
        for line in lines(current.text).reversed() where maskedComment(line) != line {
            comments[maskedComment(line), default: []].append(line)
        }
        let whole = lines(revealed).map { line in comments[line]?.popLast() ?? line }
        return ConfigurationText(whole.joined(separator: "\n"), path: text.file.path)
    }

    /// Of a text from Windows with the `\r` at their ends, which is one character with the `\n` for Swift.
    private static func lines(_ text: String) -> [String] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    private static let secretWords: Set<String> = Set(
        keys.values.filter(\.isSecret).map { String($0.name.split(separator: ".").last ?? "") })

    /// A line with a comment that has a secret in it, `# password: …`, with the mask instead.
    private static func maskedComment(_ line: String) -> String {
        guard let start = line.indices.first(where: { isComment($0, of: line) }) else { return line }
        let content = line[start...]
        guard let colon = content.firstIndex(of: ":") else { return line }
        let name = content[..<colon].split(whereSeparator: { " \t#.".contains($0) }).last.map(String.init) ?? ""
        let value = content[content.index(after: colon)...]
        guard secretWords.contains(name), value.contains(where: { !$0.isWhitespace }) else { return line }
        return line[..<start] + content[...colon] + " " + Secret.mask
    }

    /// Whether a comment begins here, or what looks like one in a value, which then has a mask, too.
    private static func isComment(_ index: String.Index, of line: String) -> Bool {
        line[index] == "#" && (index == line.startIndex || " \t".contains(line[line.index(before: index)]))
    }
}
