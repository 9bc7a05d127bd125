import JSON

extension EventType {
    /// A request to a directory and the responses to it.
    static let ldap = EventType(
        name: "ldap", types: ["protocol"], protocolName: "ldap", sourceIsServer: { $0.isSent(fromPort: 389) },
        objects: ["ldap"],
        map: { ldap, mapping in
            let request = ldap["request"]
            if let request {
                mapping.setAction(request["operation"])
                mapping.setUser(request["bind_request"]?["name"])
            }
            guard let responses = ldap["responses"] else { return }
            for response in responses.elements {
                mapping.setAction(response["operation"])
                for member in response.members {
                    guard let code = member.value["result_code"] else { continue }
                    // Neither ends the exchange: the client goes on, here or with another server.
                    if code.isEqual(to: "sasl_bind_in_progress") || code.isEqual(to: "referral") { continue }
                    let isSuccess =
                        code.isEqual(to: "success") || code.isEqual(to: "compare_true")
                        || code.isEqual(to: "compare_false")
                    mapping.setOutcome(isSuccess: isSuccess)
                    if member.key.isEqual(to: "bind_response") { mapping.setLogin(isSuccess: isSuccess) }
                }
            }
        })
}
