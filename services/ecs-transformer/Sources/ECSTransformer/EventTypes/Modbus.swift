import JSON

extension EventType {
    /// A request to an industrial device over Modbus and its response.
    static let modbus = EventType(
        name: "modbus", types: ["protocol"], protocolName: "modbus", sourceIsServer: { $0.isSent(fromPort: 502) },
        objects: ["modbus"],
        map: { modbus, mapping in
            let request = modbus["request"]
            let response = modbus["response"]
            mapping.setAction(request?["function_code"] ?? response?["function_code"])
            guard let response else { return }
            if let exception = response["exception"] {
                mapping.setCode(exception["code"])
                mapping.setOutcome(isSuccess: false)
            } else {
                mapping.setOutcome(isSuccess: true)
            }
        })
}
