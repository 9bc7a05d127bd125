import JSON

extension EventType {
    /// A message of Kerberos: a request for a ticket, the ticket, or a refusal.
    static let krb5 = EventType(
        name: "krb5", types: ["protocol"], protocolName: "krb5", sourceIsServer: { $0.isSent(fromPort: 88) },
        objects: ["krb5"], rules: ["cname": .user, "msg_type": .action],
        map: { krb5, mapping in
            if let realm = krb5["realm"]?.encodedString, !realm.isEqual(to: "<empty>") {
                mapping.document.set(.userDomain, realm)
            }
            // The second part of a service's name is its host, except for the ticket service itself.
            if let service = krb5["sname"]?.encodedString, let slash = service.firstIndex(of: "/"),
                !service.hasPrefix("krbtgt/")
            {
                mapping.appendHost(service.part(from: slash + 1))
            }
            if let error = krb5["error_code"] {
                mapping.setCode(error)
                // That a password is needed is the usual answer to the first request.
                if error.isEqual(to: "KDC_ERR_PREAUTH_REQUIRED") {
                    mapping.setOutcome(isSuccess: false)
                } else {
                    mapping.setLogin(isSuccess: false)
                }
            } else if krb5["failed_request"] != nil {
                mapping.setOutcome(isSuccess: false)
            } else if let type = krb5["msg_type"], type.isEqual(to: "KRB_AS_REP") || type.isEqual(to: "KRB_TGS_REP") {
                mapping.setLogin(isSuccess: true)
            }
        })
}
