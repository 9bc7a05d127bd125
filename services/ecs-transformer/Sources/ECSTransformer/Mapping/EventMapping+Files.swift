import JSON

// Names of files and MIME types.
extension EventMapping {
    /// Sets `file.path`, `file.name` and `file.extension` from a name that may have folders in front.
    mutating func setFilePath(_ node: JSONNode?) {
        guard let node, node.kind == .string else { return }
        let path = document.decoded(node)
        guard !path.isEmpty else { return }
        let name: EncodedText
        if let separator = path.lastIndex(of: "/") ?? path.lastIndex(of: "\\") {
            document.set(.filePath, document.encoded(path))
            name = path.part(from: separator + 1)
        } else {
            name = path
        }
        document.set(.fileName, document.encoded(name))
        setExtension(.fileExtension, of: name)
    }

    /// Sets what follows the last dot of a name, if it looks like an extension.
    mutating func setExtension(_ field: ECSField, of name: EncodedText) {
        guard let dot = name.lastIndex(of: "."), dot > 0, dot + 1 < name.count, name.count - dot <= 17 else { return }
        let text = name.part(from: dot + 1)
        guard text.buffer.allSatisfy({ $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 == 0x2D })
        else { return }
        document.set(field, text)
    }

    /// Sets a MIME type without its parameters, in lower case; a description in words does not count.
    mutating func setMIMEType(_ field: ECSField, _ node: JSONNode?) {
        guard let node, node.kind == .string else { return }
        let text = document.decoded(node)
        let type = text.part(from: 0, to: text.firstIndex(of: ";") ?? text.count).trimmed
        guard let slash = type.firstIndex(of: "/"), slash > 0, slash + 1 < type.count,
            type.buffer.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !",\"\\".utf8.contains($0) })
        else { return }
        document.set(field, document.lowercased(type))
    }
}
