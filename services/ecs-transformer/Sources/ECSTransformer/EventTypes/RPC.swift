import JSON

extension EventType {
    /// A remote procedure call of Sun's kind, mostly beside `nfs`: who called, and whether the server took the call.
    static let rpc = EventType(
        name: "rpc", types: ["protocol"], protocolName: "rpc", sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["rpc"],
        map: { rpc, mapping in
            if let credentials = rpc["creds"] {
                mapping.appendHost(credentials["machine_name"])
                mapping.document.set(.userID, credentials["uid"])
                mapping.document.set(.groupID, credentials["gid"])
            }
            if let status = rpc["status"] { mapping.setOutcome(isSuccess: status.isEqual(to: "ACCEPTED")) }
        })
}
