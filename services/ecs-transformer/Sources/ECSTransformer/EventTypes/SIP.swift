import JSON

extension EventType {
    /// A request or a response of telephony. Either side may call, so that the caller is the client.
    static let sip = EventType(
        name: "sip", types: ["protocol"], protocolName: "sip",
        sourceIsServer: {
            guard let sip = $0["sip"] else { return false }
            return sip["code"] != nil && sip["method"] == nil
        },
        objects: ["sip"], rules: ["method": .action, "uri": .text(.urlOriginal)],
        map: { sip, mapping in
            // Codes below 200 say that the call is still being set up.
            guard let code = sip["code"]?.wholeNumber, code >= 200 else { return }
            mapping.setOutcome(isSuccess: code < 400)
        })
}
