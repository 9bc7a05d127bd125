import JSON

extension EventType {
    /// A file that was seen in transfer; `files` holds the same in alerts, of which the first is mapped.
    static let fileinfo = EventType(
        name: "fileinfo", categories: ["network", "file"], types: ["info"],
        sourceIsServer: { $0.senderIsServer() }, objects: ["fileinfo", "files"],
        map: { object, mapping in
            if object.kind == .array {
                var elements = object.elements
                if let file = elements.next() { mapping.mapFile(file) }
                while let other = elements.next() { mapping.appendHashes(of: other) }
            } else {
                mapping.mapFile(object)
            }
        })
}

extension EventMapping {
    fileprivate mutating func mapFile(_ file: JSONNode) {
        guard file.kind == .object else { return }
        for member in file.members {
            let key = member.key
            if key.isEqual(to: "size") {
                set(.fileSize, number: member.value)
            } else if key.isEqual(to: "md5") {
                apply(.hash(.fileHashMD5), to: member.value)
            } else if key.isEqual(to: "sha1") {
                apply(.hash(.fileHashSHA1), to: member.value)
            } else if key.isEqual(to: "sha256") {
                apply(.hash(.fileHashSHA256), to: member.value)
            } else if key.isEqual(to: "filename") {
                setFilePath(member.value)
            } else if key.isEqual(to: "mimetype") || key.isEqual(to: "magic") {
                setMIMEType(.fileMIMEType, member.value)
            }
        }
    }

    /// Adds the hashes of a file that has no fields of its own to `related.hash`.
    fileprivate mutating func appendHashes(of file: JSONNode) {
        for key in Self.hashKeys {
            if let hash = Self.string(file[key]), hash.isHexadecimal { document.append(.relatedHash, hash) }
        }
    }

    private static let hashKeys: [StaticString] = ["md5", "sha1", "sha256"]

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

    /// Sets a MIME type without its parameters, in lower case; a description in words is none.
    mutating func setMIMEType(_ field: ECSField, _ node: JSONNode?) {
        guard let node, node.kind == .string else { return }
        let text = document.decoded(node)
        let type = text.part(from: 0, to: text.firstIndex(of: ";") ?? text.count).trimmed
        guard let slash = type.firstIndex(of: "/"), slash > 0, slash + 1 < type.count,
            type.buffer.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !",\"\\".utf8.contains($0) })
        else { return }
        document.set(field, document.lowercased(type))
    }

    /// Whether the sender of a file is the server, which the event does not say: its port tells, by the port that the
    /// client named in the request, else because clients use high ports.
    fileprivate borrowing func senderIsServer() -> Bool {
        guard let source = Self.number(members[.sourcePort]), let destination = Self.number(members[.destinationPort])
        else { return false }
        if let port = Self.number(event?["http"]?["http_port"]) { return source == port && destination != port }
        if destination == 2049 || source == 2049 { return source == 2049 }  // NFS, whose clients use low ports
        // The data connection of active FTP is opened from port 20, so that the file server is its client.
        if source == 20 || destination == 20 { return destination == 20 }
        return source < destination
    }
}
