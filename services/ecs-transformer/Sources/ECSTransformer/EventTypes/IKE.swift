import JSON

extension EventType {
    /// The set-up of an IPsec tunnel (IKEv1 and IKEv2).
    static let ike = EventType(
        name: "ike", types: ["protocol"], protocolName: "ike", sourceIsServer: { $0.isSent(fromPort: 500) },
        objects: ["ike", "ikev2"],
        map: { ike, mapping in
            mapping.setAction(ike["exchange_type"], names: exchanges)
        })

    /// IANA's names of the exchange types of both versions, which share one range of numbers.
    private static let exchanges: [(number: Int64, name: StaticString)] = [
        (1, "base"), (2, "identity_protection"), (3, "authentication_only"), (4, "aggressive"), (5, "informational"),
        (32, "quick_mode"), (33, "new_group_mode"), (34, "ike_sa_init"), (35, "ike_auth"), (36, "create_child_sa"),
        (37, "informational"),
    ]
}
