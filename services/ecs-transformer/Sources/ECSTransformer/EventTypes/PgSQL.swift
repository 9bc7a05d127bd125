import JSON

extension EventType {
    /// A message to a PostgreSQL server and its answer. Queries and passwords go into no field.
    static let pgsql = EventType(
        name: "pgsql", categories: ["network", "database"], types: ["protocol", "access"], protocolName: "pgsql",
        sourceIsServer: { $0.isSent(fromPort: 5432) }, objects: ["pgsql"],
        map: { pgsql, mapping in
            if let request = pgsql["request"] {
                mapping.setUser(request["startup_parameters"]?["user"])
                if request["simple_query"] != nil {
                    mapping.setAction(EncodedText("simple_query"))
                } else if request["startup_parameters"] != nil {
                    mapping.setAction(EncodedText("startup"))
                } else {
                    mapping.setAction(request["message"])
                }
            }
            guard let response = pgsql["response"] else { return }
            let severity = response["severity_non_localizable"] ?? response["severity_localizable"]
            if let severity, failures.contains(where: { severity.isEqual(to: $0) }) {
                mapping.setOutcome(isSuccess: false)
                mapping.setCode(response["code"], reason: response["message"])
                // Class 28 of the codes is about who may connect.
                if let code = response["code"]?.encodedString, code.hasPrefix("28") {
                    mapping.setLogin(isSuccess: false)
                }
            } else if response["message"]?.isEqual(to: "authentication_ok") ?? false {
                mapping.setLogin(isSuccess: true)
            } else if response["command_completed"] != nil {
                mapping.setOutcome(isSuccess: true)
            }
        })

    private static let failures: [StaticString] = ["ERROR", "FATAL", "PANIC"]
}
