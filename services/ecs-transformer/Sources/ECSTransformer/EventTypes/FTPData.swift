import JSON

extension EventType {
    /// A transfer over the data connection of FTP.
    static let ftpData = EventType(
        name: "ftp_data", categories: ["network", "file"], types: ["protocol", "access"], protocolName: "ftp",
        sourceIsServer: { $0.isSent(fromPort: 20) }, objects: ["ftp_data"], rules: ["command": .action],
        map: { transfer, mapping in
            mapping.setFilePath(transfer["filename"])
        })
}
