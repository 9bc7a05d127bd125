import Testing

@testable import ECSTransformer

@Suite("modbus")
struct ModbusTests {
    @Test("A request and its response")
    func read() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"modbus",\#
                "src_ip":"192.168.77.20","src_port":44902,"dest_ip":"192.168.77.5","dest_port":502,"proto":"TCP",\#
                "pkt_src":"wire/pcap","modbus":{"id":1,"request":{"transaction_id":1,"protocol_id":0,"unit_id":17,\#
                "function_raw":3,"function_code":"RdHoldRegs","access_type":"READ | HOLDING","read":{"address":100,\#
                "quantity":2}},"response":{"transaction_id":1,"function_raw":3,"function_code":"RdHoldRegs","read":{\#
                "data":"\u0000\u0015"}}}}
                """#,
            [
                "event.action": "rdholdregs", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "modbus", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("An exception is a failure")
    func exception() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"modbus",\#
                "src_ip":"192.168.77.20","src_port":44902,"dest_ip":"192.168.77.5","dest_port":502,"proto":"TCP",\#
                "pkt_src":"wire/pcap","modbus":{"id":3,"request":{"function_raw":4,"function_code":"RdInputRegs"},\#
                "response":{"function_raw":132,"function_code":"RdInputRegs","exception":{"raw":2,\#
                "code":"IllegalDataAddr"}}}}
                """#,
            [
                "event.action": "rdinputregs", "event.category": #"["network"]"#, "event.code": "IllegalDataAddr",
                "event.kind": "event", "event.outcome": "failure", "event.type": #"["protocol"]"#,
                "network.direction": "internal", "network.protocol": "modbus", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
