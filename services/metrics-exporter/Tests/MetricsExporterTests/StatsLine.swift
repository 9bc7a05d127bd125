import Glibc

/// Lines with Suricata's counters: recorded ones, and ones made for a test.
enum StatsLine {
    /// The stats events in the project's recordings, by Suricata 7.
    static let recorded: [[UInt8]] = {
        let repository = #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        return ["firewall", "logins", "names", "web", "things", "scans"].flatMap { name in
            bytes(of: "/\(repository)/fixtures/eve/\(name).ndjson").split(separator: UInt8(ascii: "\n")).map(Array.init)
                .filter { String(decoding: $0, as: UTF8.self).contains(#""event_type":"stats""#) }
        }
    }()

    /// An event in the form of Suricata 8.0: further protocols, `memcap` as an object, memory use in more places, and
    /// counters that were one before split by transport.
    static let suricata8 = Array(
        """
        {"timestamp":"2026-02-01T12:00:08.000000+0100","event_type":"stats","stats":{"uptime":129,"capture":\
        {"kernel_packets":1000,"kernel_drops":7,"errors":0,"afpacket":{"polls":51}},"decoder":{"pkts":993,"bytes":99000,\
        "invalid":9,"ipv4":900,"sll2":0,"tcp":700,"avg_pkt_size":404},"tcp":{"active_sessions":3,"sessions":504,\
        "ssn_memcap_drop":1,"segment_memcap_drop":2,"reassembly_gap":46,"memuse":1245184,"reassembly_memuse":240632},\
        "flow":{"memcap":0,"total":1098,"active":5,"tcp":544,"udp":506,"elephant":0,"emerg_mode_entered":0,\
        "memuse":7314304},"defrag":{"ipv4":{"fragments":1022,"reassembled":0},"ipv6":{"fragments":0},\
        "memuse":12582768},"detect":{"engines":[{"id":0,"rules_loaded":508,"rules_failed":1,"rules_skipped":0},\
        {"id":1,"rules_loaded":2,"rules_failed":0,"rules_skipped":3}],"alert":5714,"alert_queue_overflow":0,\
        "alerts_suppressed":48388,"thresholds":{"cache":{"memuse":6832}}},"app_layer":{"flow":{"failed_tcp":3,"http":119,\
        "dns_tcp":4,"pop3":3,"dns_udp":259,"http_delta":4},"error":{"failed_tcp":{"gap":5},"http":{"gap":0,"parser":1},\
        "dns_tcp":{"parser":2},"dns_udp":{"parser":20}},"tx":{"http":191,"dns_tcp":49,"dns_udp":2228},"expectations":0},\
        "memcap":{"pressure":5,"pressure_max":6},"http":{"memuse":0,"byterange":{"memuse":168384}},"ftp":{"memuse":1},\
        "ippair":{"memuse":398144},"host":{"memuse":382144}}}
        """.utf8)

    /// A line with a few counters.
    static func made(second: Int, uptime: Int, packets: UInt64, alerts: Int = 0, host: String? = nil) -> [UInt8] {
        let host = host.map { "\"host\":\"\($0)\"," } ?? ""
        let time = "2026-02-01T12:\(second / 600)\(second / 60 % 10):\(second % 60 / 10)\(second % 10).5+0000"
        return Array(
            """
            {"timestamp":"\(time)",\(host)"event_type":"stats","stats":{"uptime":\(uptime),"decoder":{"pkts":\(packets)},\
            "detect":{"alert":\(alerts)}}}
            """.utf8)
    }

    private static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}
