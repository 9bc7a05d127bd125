import Testing

@testable import ECSTransformer

@Suite("engine")
struct EngineTests {
    @Test("What Suricata says about itself")
    func notice() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","log_level":"Notice","event_type":"engine","engine":{\#
                "message":"This is Suricata version 8.0.7 RELEASE running in SYSTEM mode",\#
                "thread_name":"Suricata-Main","module":"suricata"}}
                """#,
            [
                "event.action": "suricata_engine", "event.category": #"["host"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "log.level": "notice",
                "message": "This is Suricata version 8.0.7 RELEASE running in SYSTEM mode", "observer.type": "ids",
            ])
    }

    @Test("A fault with its code")
    func error() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"engine","engine":{"error_code":101,\#
                "error":"SC_ERR_OPENING_FILE","message":"failed to open home.rules"}}
                """#,
            [
                "event.action": "suricata_engine", "event.category": #"["host"]"#,
                "event.code": "SC_ERR_OPENING_FILE", "event.kind": "event", "event.type": #"["info"]"#,
                "message": "failed to open home.rules", "observer.type": "ids",
            ])
    }
}
