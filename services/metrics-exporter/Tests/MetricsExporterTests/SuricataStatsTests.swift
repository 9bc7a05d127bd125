import Testing

@testable import MetricsExporter

@Suite("A stats event")
struct SuricataStatsTests {
    private static func counter(_ stats: SuricataStats, _ name: String, _ labels: String...) -> UInt64? {
        stats.counters[SuricataSeries(name: name, labels: labels)]
    }

    @Test("Suricata 8: every counter that is shown")
    func suricata8() throws {
        let stats = try #require(SuricataStats(StatsLine.suricata8))
        #expect(stats.time == 1_769_943_608_000_000_000 && stats.uptimeSeconds == 129)
        for (name, value) in [
            ("kernel_packets", 1000), ("kernel_drops", 7), ("decoder_packets", 993), ("decoder_bytes", 99000),
            ("decoder_invalid", 9), ("flows", 1098), ("flow_memory_cap", 0), ("detect_alerts", 5714),
            ("detect_alerts_suppressed", 48388), ("tcp_sessions", 504), ("tcp_reassembly_gaps", 46),
        ] as [(String, UInt64)] {
            #expect(Self.counter(stats, name) == value, "\(name)")
        }
        #expect(Self.counter(stats, "decoder_protocol_packets", "ipv4") == 900)
        #expect(Self.counter(stats, "tcp_memory_cap_drops", "session") == 1)
        #expect(Self.counter(stats, "tcp_memory_cap_drops", "segment") == 2)
        #expect(Self.counter(stats, "defrag_fragments", "ipv4") == 1022)
        #expect(
            stats.memoryBytes == [
                "tcp": 1_245_184, "tcp_reassembly": 240_632, "flow": 7_314_304, "defrag": 12_582_768, "http": 0,
                "http_byterange": 168_384, "ftp": 1, "ip_pair": 398_144, "host": 382_144, "detect_thresholds": 6_832,
            ])
        #expect(stats.rules == ["loaded": 510, "failed": 1, "skipped": 3])
        #expect(stats.activeFlows == 5 && stats.activeTCPSessions == 3 && stats.memoryCapPressure == 0.05)
    }

    @Test("A protocol over TCP and over UDP is one; differences are no protocols")
    func protocols() throws {
        let stats = try #require(SuricataStats(StatsLine.suricata8))
        #expect(Self.counter(stats, "app_layer_flows", "dns") == 263)
        #expect(Self.counter(stats, "app_layer_transactions", "dns") == 2277)
        #expect(Self.counter(stats, "app_layer_errors", "dns", "parser") == 22)
        #expect(Self.counter(stats, "app_layer_errors", "failed", "gap") == 5)
        let flows = stats.counters.keys.filter { $0.name == "app_layer_flows" }.map { $0.labels[0] }
        #expect(Set(flows) == ["failed", "http", "dns", "pop3"])
    }

    @Test("Suricata 7, recorded: packets are the sum over the networks' protocols", arguments: StatsLine.recorded)
    func recorded(_ line: [UInt8]) throws {
        let stats = try #require(SuricataStats(line))
        let packets = try #require(Self.counter(stats, "decoder_packets"))
        #expect(packets > 0 && stats.uptimeSeconds >= 0 && stats.memoryCapPressure != nil)
        let parts = ["ipv4", "ipv6", "arp"].compactMap {
            Self.counter(stats, "decoder_protocol_packets", $0)
        }
        #expect(parts.count == 3 && parts.reduce(0, +) <= packets)
        #expect(stats.counters.keys.filter { $0.name == "app_layer_flows" }.count > 20)
        #expect(stats.rules["loaded"] == 49 && (stats.memoryBytes["flow"] ?? 0) > 0)
    }

    @Test("There are recordings")
    func exist() { #expect(StatsLine.recorded.count > 1) }

    @Test(
        "What is no stats event gives nothing",
        arguments: [
            "", "{", "{}", #"{"timestamp":"2026-02-01T12:00:00+0000","stats":7}"#,
            #"{"timestamp":"2026-02-01T12:00:00+0000","stats":{"decoder":{"pkts":1}}}"#,
            #"{"timestamp":"yesterday","stats":{"uptime":1}}"#,
        ])
    func none(_ text: String) { #expect(SuricataStats(text.utf8) == nil) }

    @Test("What is no whole number is left out; names are bounded, and the rest is summed as other")
    func odd() throws {
        let many = (0..<1_000).map { "\"p\($0)\":1" }.joined(separator: ",")
        let stats = try #require(
            SuricataStats(
                """
                {"timestamp":"2026-02-01T12:00:00+0000","stats":{"uptime":1,"decoder":{"pkts":1.5,"bytes":"many"},\
                "flow":[],"app_layer":{"flow":{\(many)},"tx":{"a/b":1,"\(String(repeating: "x", count: 40))":1}}}}
                """.utf8))
        #expect(Self.counter(stats, "decoder_packets") == nil && Self.counter(stats, "decoder_bytes") == nil)
        #expect(stats.counters.count == 66 && stats.valuesSummed == 938 && stats.impossibleValues == 0)
        #expect(Self.counter(stats, "app_layer_flows", "other") == 936)
        #expect(Self.counter(stats, "app_layer_transactions", "other") == 2)
    }

    @Test("200 protocols with 400 kinds of errors each stay bounded, and their sum is kept")
    func manyNames() throws {
        let kinds = (0..<400).map { "\"k\($0)\":1" }.joined(separator: ",")
        let protocols = (0..<200).map { "\"p\($0)\":{\(kinds)}" }.joined(separator: ",")
        let stats = try #require(
            SuricataStats(
                """
                {"timestamp":"2026-02-01T12:00:00+0000","stats":{"uptime":1,"app_layer":{"error":{\(protocols)}}}}
                """.utf8))
        #expect(stats.counters.count == 65 * 9 && stats.counters.values.reduce(0, +) == 80_000)
        var totals = SuricataTotals()
        _ = totals.add(stats, of: "")
        #expect(totals.counts.count < 400 && totals.counts.values.reduce(0) { $0 + $1.total } == 80_000)
    }

    @Test(
        "A number that no counter can have is ignored and counted",
        arguments: ["-1", "18446744073709551000", "9223372036854775808", "99999999999999999999999"])
    func impossible(_ number: String) throws {
        let stats = try #require(
            SuricataStats(
                """
                {"timestamp":"2026-02-01T12:00:00+0000","stats":{"uptime":1,"capture":{"kernel_packets":\(number)},\
                "decoder":{"pkts":9223372036854775807},"tcp":{"memuse":\(number)}}}
                """.utf8))
        #expect(Self.counter(stats, "kernel_packets") == nil && stats.memoryBytes["tcp"] == nil)
        #expect(Self.counter(stats, "decoder_packets") == 9_223_372_036_854_775_807)
        #expect(stats.impossibleValues == 2)
    }
}
