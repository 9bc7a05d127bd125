import JSON

extension EventType {
    /// A command to a Windows file server and its response.
    static let smb = EventType(
        name: "smb", types: ["protocol"], protocolName: "smb", sourceIsServer: { $0.isSent(fromPort: 445) },
        objects: ["smb"],
        rules: [
            "accessed": .seconds(.fileAccessed), "changed": .seconds(.fileCtime), "command": .action,
            "created": .seconds(.fileCreated), "modified": .seconds(.fileMtime), "size": .number(.fileSize),
        ],
        map: { smb, mapping in
            for key in nameKeys {
                // The root of a share and names that were not seen stand in angle brackets.
                if let name = smb[key]?.encodedString, name.bytes[0] != UInt8(ascii: "<") {
                    mapping.setFilePath(smb[key])
                    break
                }
            }
            mapping.appendShareHost(smb["share"] ?? smb["named_pipe"])
            if let login = smb["ntlmssp"] {
                mapping.setUser(login["user"])
                if let domain = login["domain"]?.encodedString?.trimmed {
                    mapping.document.set(.userDomain, domain)
                }
                mapping.appendHost(login["host"])
            }
            if let kerberos = smb["kerberos"] {
                mapping.document.set(.userDomain, kerberos["realm"])
                var names = kerberos["snames"]?.elements
                // First the kind of service, then its host.
                _ = names?.next()
                mapping.appendHost(names?.next())
            }
            mapping.mapSMBStatus(smb)
        })

    private static let nameKeys: [StaticString] = ["filename", "directory", "named_pipe"]
}

extension EventMapping {
    /// Adds the host in front of a share, `\\HOST\SHARE` or `\HOST\SHARE`, to `related.hosts`.
    fileprivate mutating func appendShareHost(_ node: JSONNode?) {
        guard let node, node.kind == .string else { return }
        var text = document.decoded(node)
        while let first = text.buffer.first, first == UInt8(ascii: "\\") { text = text.part(from: 1) }
        guard let end = text.firstIndex(of: "\\") else { return }
        appendHost(text.part(from: 0, to: end))
    }

    /// Success, failure, or neither where the exchange goes on or the answer is only a warning.
    fileprivate mutating func mapSMBStatus(_ smb: JSONNode) {
        guard let status = smb["status"]?.encodedString else { return }
        let isSuccess = status.isEqual(to: "STATUS_SUCCESS")
        let code = smb["status_code"]?.encodedString
        let isOpen =
            status.isEqual(to: "STATUS_MORE_PROCESSING_REQUIRED") || status.isEqual(to: "STATUS_PENDING")
            || code.map { $0.count == 10 && $0.hasPrefix("0x8") } ?? false || code?.isEqual(to: "0x0000") ?? false
        guard isSuccess || !isOpen else { return }
        setOutcome(isSuccess: isSuccess)
        // A session without a name is an anonymous one.
        if let user = smb["ntlmssp"]?["user"]?.encodedString, !user.trimmed.isEmpty { setLogin(isSuccess: isSuccess) }
    }
}
