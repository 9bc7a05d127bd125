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
                document.set(.fileSize, number: member.value)
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
            if let hash = file[key]?.encodedString, hash.isHexadecimal { document.append(.relatedHash, hash) }
        }
    }

    private static let hashKeys: [StaticString] = ["md5", "sha1", "sha256"]
}

extension EVEEvent {
    /// Whether the sender of a file is the server. The event does not say that, but the ports show it: the one that the
    /// client named in the request, else the lower one.
    fileprivate func senderIsServer() -> Bool {
        guard let source = self[.sourcePort]?.wholeNumber, let destination = self[.destinationPort]?.wholeNumber
        else { return false }
        if let port = self["http"]?["http_port"]?.wholeNumber { return source == port && destination != port }
        if destination == 2049 || source == 2049 { return source == 2049 }  // NFS, whose clients use low ports
        // The data connection of active FTP is opened from port 20, so that the file server is its client.
        if source == 20 || destination == 20 { return destination == 20 }
        return source < destination
    }
}
