import Testing

@testable import ECSTransformer

@Suite("mqtt")
struct MQTTTests {
    @Test("A login by name and password, which goes into no field")
    func login() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"mqtt",\#
                "src_ip":"192.168.77.20","src_port":37696,"dest_ip":"192.168.77.5","dest_port":1883,"proto":"TCP",\#
                "pkt_src":"wire/pcap","mqtt":{"connect":{"qos":0,"protocol_string":"MQTT","protocol_version":4,\#
                "client_id":"hall-sensor","flags":{"username":true,"password":true},"username":"anna",\#
                "password":"secret"},"connack":{"qos":0,"session_present":false,"return_code":5}}}
                """#,
            [
                "event.action": "connect", "event.category": #"["network","authentication"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol","info"]"#, "network.direction": "internal",
                "network.protocol": "mqtt", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#, "related.user": #"["anna"]"#, "user.name": "anna",
            ])
    }

    @Test("Without a name it is no login")
    func anonymous() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"mqtt",\#
                "src_ip":"192.168.77.20","src_port":37682,"dest_ip":"192.168.77.5","dest_port":1883,"proto":"TCP",\#
                "pkt_src":"wire/pcap","mqtt":{"connect":{"protocol_string":"MQTT","protocol_version":4,\#
                "client_id":"hall-panel","flags":{"username":false,"password":false}},"connack":{\#
                "session_present":false,"return_code":0}}}
                """#,
            [
                "event.action": "connect", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "mqtt", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A message from the broker")
    func publish() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"mqtt",\#
                "src_ip":"192.168.77.5","src_port":1883,"dest_ip":"192.168.77.20","dest_port":37682,"proto":"TCP",\#
                "pkt_src":"wire/pcap","mqtt":{"publish":{"qos":0,"retain":false,"dup":false,\#
                "topic":"house/hall/temperature","message":"{\"celsius\": 20.5}"}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "publish", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "mqtt",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","192.168.77.20"]"#,
            ])
    }

    @Test("A reason below 128 is no failure")
    func acknowledgement() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"mqtt",\#
                "src_ip":"192.168.77.20","src_port":37682,"dest_ip":"192.168.77.5","dest_port":1883,"proto":"TCP",\#
                "pkt_src":"wire/pcap","mqtt":{"publish":{"qos":1,"topic":"house/door","message_id":2},"puback":{\#
                "qos":0,"message_id":2,"reason_code":16}}}
                """#,
            [
                "event.action": "publish", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "mqtt", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
