import JSON

extension EventType {
    /// A command to an industrial device over EtherNet/IP, and CIP inside of it.
    static let enip = EventType(
        name: "enip", types: ["protocol"], protocolName: "enip", sourceIsServer: { $0.isSent(fromPort: 44_818) },
        objects: ["enip"],
        map: { enip, mapping in
            mapping.setAction(enip["request"]?["command"] ?? enip["response"]?["command"])
            guard let response = enip["response"], let status = response["status"] else { return }
            let isSuccess = status.isEqual(to: "success") && response["cip"]?["status"]?.isEqual(to: "Success") ?? true
            mapping.setOutcome(isSuccess: isSuccess)
        })
}
