import JSON

extension EventType {
    /// A transfer over the data connection of FTP. In active mode that is opened by the file server, whose port 20 is
    /// then the client.
    static let ftpData = EventType(
        name: "ftp_data", categories: ["network", "file"], types: ["protocol", "access"], protocolName: "ftp",
        objects: ["ftp_data"], rules: ["command": .action],
        map: { transfer, mapping in
            mapping.setFilePath(transfer["filename"])
        })
}
