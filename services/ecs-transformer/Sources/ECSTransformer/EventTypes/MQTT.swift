import JSON

extension EventType {
    /// A message of MQTT and what answers it, each in an object named after its type.
    static let mqtt = EventType(
        name: "mqtt", types: ["protocol"], protocolName: "mqtt", sourceIsServer: { $0.isSent(fromPort: 1883) },
        objects: ["mqtt"],
        map: { mqtt, mapping in
            if let connect = mqtt["connect"] { mapping.setUser(connect["username"]) }
            var acknowledgement: JSONNode?
            for member in mqtt.members {
                mapping.setAction(EncodedText(member.key.content))
                if let code = member.value["return_code"] ?? member.value["reason_code"] { acknowledgement = code }
            }
            guard let code = acknowledgement?.wholeNumber else { return }
            // Version 3 counts the reasons of a refused connection from 1, version 5 counts all failures from 128.
            let isSuccess = mqtt["connack"] == nil ? code < 128 : code == 0
            mapping.setOutcome(isSuccess: isSuccess)
            if mqtt["connect"]?["username"] != nil, isSuccess || refusedLogins.contains(code) {
                mapping.setLogin(isSuccess: isSuccess)
            }
        })

    /// The return codes for a wrong name or password, and for a user who may not connect.
    private static let refusedLogins: [Int64] = [4, 5, 134, 135, 140]
}
