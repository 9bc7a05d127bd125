import Testing

@testable import ECSTransformer

@Suite("Event types")
struct EventTypeTests {
    @Test("Each name and each object belongs to one type")
    func unique() {
        let names = EventType.all.map(\.name)
        let objects = EventType.all.flatMap(\.objects)
        #expect(Set(names).count == names.count && Set(objects).count == objects.count)
        #expect(Set(objects).isDisjoint(with: EventMember.allCases.map(\.rawValue)))
    }

    @Test(
        "Kind, category, type and protocol of types without details",
        arguments: [
            ("ssh", "network", "protocol", "ssh"), ("smtp", "network,email", "protocol,info", "smtp"),
            ("ftp_data", "network,file", "protocol,access", "ftp"),
            ("pgsql", "network,database", "protocol,access", "pgsql"),
            ("netflow", "network", "connection,info", nil), ("anomaly", "network", "info", nil),
            ("ikev2", "network", "protocol", "ike"), ("doh2", "network", "protocol", "dns"),
            ("engine", "host", "info", nil),
        ] as [(String, String, String, String?)])
    func byCategory(_ name: String, _ categories: String, _ types: String, _ protocolName: String?) throws {
        let event = try map(name, #""x":{}"#)
        expect(
            event,
            [
                "event.kind": "event", "event.category": array(categories), "event.type": array(types),
                "network.protocol": protocolName,
            ])
    }

    private func array(_ text: String) -> String {
        "[" + text.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",") + "]"
    }
}
