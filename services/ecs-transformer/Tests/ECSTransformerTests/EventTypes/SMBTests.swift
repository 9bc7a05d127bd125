import Testing

@testable import ECSTransformer

@Suite("smb")
struct SMBTests {
    @Test("A login")
    func login() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smb",\#
                "src_ip":"192.168.77.20","src_port":38970,"dest_ip":"192.168.77.5","dest_port":445,"proto":"TCP",\#
                "pkt_src":"wire/pcap","smb":{"id":4,"dialect":"3.11","command":"SMB2_COMMAND_SESSION_SETUP",\#
                "status":"STATUS_LOGON_FAILURE","status_code":"0xc000006d","session_id":3991733507,"tree_id":0,\#
                "ntlmssp":{"domain":"HOME","user":"anna","host":"ANNAS-PC"}}}
                """#,
            [
                "event.action": "smb2_command_session_setup", "event.category": #"["network","authentication"]"#,
                "event.kind": "event", "event.outcome": "failure", "event.type": #"["protocol","info"]"#,
                "network.direction": "internal", "network.protocol": "smb", "observer.type": "ids",
                "related.hosts": #"["ANNAS-PC"]"#, "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
                "related.user": #"["anna"]"#, "user.domain": "HOME", "user.name": "anna",
            ])
    }

    @Test("A login that goes on, and one without a name")
    func open() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smb",\#
                "src_ip":"192.168.77.20","src_port":38970,"dest_ip":"192.168.77.5","dest_port":445,"proto":"TCP",\#
                "pkt_src":"wire/pcap","smb":{"id":3,"dialect":"3.11","command":"SMB2_COMMAND_SESSION_SETUP",\#
                "status":"STATUS_MORE_PROCESSING_REQUIRED","status_code":"0xc0000016","ntlmssp":{"domain":"",\#
                "user":" ","host":""}}}
                """#,
            [
                "event.action": "smb2_command_session_setup", "event.category": #"["network"]"#,
                "event.kind": "event", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "smb", "observer.type": "ids", "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A file with its times")
    func file() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smb",\#
                "src_ip":"192.168.77.20","src_port":38970,"dest_ip":"192.168.77.5","dest_port":445,"proto":"TCP",\#
                "pkt_src":"wire/pcap","smb":{"id":7,"dialect":"3.11","command":"SMB2_COMMAND_CREATE",\#
                "status":"STATUS_SUCCESS","status_code":"0x0","filename":"letters\\to bert.txt",\#
                "disposition":"FILE_OPEN","access":"normal","created":1767225600,"accessed":1767225601,\#
                "modified":1767225602,"changed":0,"size":145568,"fuid":"000005ad-0005-0000-0001-000000000005",\#
                "share":"\\\\FILES.home.example\\letters"}}
                """#,
            [
                "event.action": "smb2_command_create", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#,
                "file.accessed": "2026-01-01T00:00:01.000000Z", "file.created": "2026-01-01T00:00:00.000000Z",
                "file.extension": "txt", "file.mtime": "2026-01-01T00:00:02.000000Z", "file.name": "to bert.txt",
                "file.path": #"letters\to bert.txt"#, "file.size": "145568", "network.direction": "internal",
                "network.protocol": "smb", "observer.type": "ids", "related.hosts": #"["FILES.home.example"]"#,
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A pipe, Kerberos, and a warning, which is neither success nor failure")
    func pipe() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smb",\#
                "src_ip":"192.168.77.5","src_port":445,"dest_ip":"192.168.77.20","dest_port":38970,"proto":"TCP",\#
                "pkt_src":"wire/pcap","smb":{"command":"SMB2_COMMAND_TREE_CONNECT",\#
                "status":"STATUS_BUFFER_OVERFLOW","status_code":"0x80000005","named_pipe":"\\\\192.168.77.5\\IPC$",\#
                "filename":"<share_root>","kerberos":{"realm":"HOME.EXAMPLE","snames":["cifs",\#
                "files.home.example"]}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "smb2_command_tree_connect", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "file.name": "IPC$", "file.path": #"\\192.168.77.5\IPC$"#,
                "network.direction": "internal", "network.protocol": "smb", "observer.type": "ids",
                "related.hosts": #"["files.home.example"]"#, "related.ip": #"["192.168.77.5","192.168.77.20"]"#,
                "user.domain": "HOME.EXAMPLE",
            ])
    }

    @Test("Calls inside of it keep their place")
    func call() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smb",\#
                "src_ip":"192.168.77.20","src_port":38970,"dest_ip":"192.168.77.5","dest_port":445,"proto":"TCP",\#
                "pkt_src":"wire/pcap","smb":{"command":"SMB2_COMMAND_IOCTL","status":"STATUS_SUCCESS",\#
                "filename":"svcctl","dcerpc":{"request":"REQUEST","response":"RESPONSE","opnum":15,"call_id":1}}}
                """#,
            [
                "event.action": "smb2_command_ioctl", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "file.name": "svcctl",
                "network.direction": "internal", "network.protocol": "smb", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
