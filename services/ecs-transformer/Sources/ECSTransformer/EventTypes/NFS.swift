import JSON

extension EventType {
    /// A call to a file server and its reply. Who called is in the object `rpc` beside it.
    static let nfs = EventType(
        name: "nfs", types: ["protocol"], protocolName: "nfs", sourceIsServer: { $0.isSent(fromPort: 2049) },
        objects: ["nfs"], rules: ["procedure": .action],
        map: { nfs, mapping in
            mapping.setFilePath(nfs["filename"])
            if let status = nfs["status"] { mapping.setOutcome(isSuccess: status.isEqual(to: "OK")) }
        })
}
