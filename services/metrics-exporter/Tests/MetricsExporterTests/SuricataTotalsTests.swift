import Testing

@testable import MetricsExporter

@Suite("Suricata's counters over its restarts")
struct SuricataTotalsTests {
    private static let packets = SuricataSeries(name: "decoder_packets", labels: [])
    private static let alerts = SuricataSeries(name: "detect_alerts", labels: [])

    private static func added(_ lines: [[UInt8]], to totals: SuricataTotals = SuricataTotals()) throws -> SuricataTotals
    {
        var totals = totals
        for line in lines {
            let stats = try #require(SuricataStats(line))
            _ = totals.add(stats, of: stats.host)
        }
        return totals
    }

    private static func packets(_ totals: SuricataTotals) -> UInt64? { totals.counts[packets]?.total }

    @Test("One run: they are Suricata's own")
    func oneRun() throws {
        let lines = ([10, 25, 25, 40] as [UInt64]).enumerated().map { index, packets in
            StatsLine.made(second: 8 * index, uptime: 8 + 8 * index, packets: packets)
        }
        let totals = try Self.added(lines)
        #expect(Self.packets(totals) == 40 && totals.restarts == 0)
    }

    @Test("After a restart they go on")
    func restart() throws {
        let totals = try Self.added([
            StatsLine.made(second: 8, uptime: 800, packets: 100, alerts: 3),
            StatsLine.made(second: 20, uptime: 8, packets: 10, alerts: 3),
            StatsLine.made(second: 28, uptime: 16, packets: 30, alerts: 4),
        ])
        #expect(Self.packets(totals) == 130 && totals.restarts == 1)
        #expect(totals.counts[Self.alerts]?.total == 7)
    }

    @Test("A restart that has counted more than the run before is known by its uptime")
    func busyRestart() throws {
        let totals = try Self.added([
            StatsLine.made(second: 8, uptime: 16, packets: 100), StatsLine.made(second: 40, uptime: 8, packets: 500),
        ])
        #expect(Self.packets(totals) == 600 && totals.restarts == 1)
    }

    @Test("The same uptime at another time is another run; twice within a second is one run")
    func sameUptime() throws {
        let first = StatsLine.made(second: 8, uptime: 8, packets: 100)
        #expect(Self.packets(try Self.added([first, StatsLine.made(second: 30, uptime: 8, packets: 120)])) == 220)
        #expect(Self.packets(try Self.added([first, StatsLine.made(second: 9, uptime: 8, packets: 120)])) == 120)
    }

    @Test("A counter that falls without a restart counts on from there")
    func fallen() throws {
        let totals = try Self.added([
            StatsLine.made(second: 8, uptime: 8, packets: 100, alerts: 5),
            StatsLine.made(second: 16, uptime: 16, packets: 10, alerts: 6),
        ])
        #expect(Self.packets(totals) == 110 && totals.counts[Self.alerts]?.total == 6 && totals.restarts == 0)
    }

    @Test("A clock that is set does not count anything twice")
    func clock() throws {
        let totals = try Self.added([
            StatsLine.made(second: 8, uptime: 8, packets: 100), StatsLine.made(second: 3_000, uptime: 16, packets: 120),
            StatsLine.made(second: 24, uptime: 24, packets: 130),
        ])
        #expect(Self.packets(totals) == 130 && totals.restarts == 0)
    }

    @Test("The same event again adds nothing, also after the exporter's restart")
    func again() throws {
        let line = StatsLine.made(second: 8, uptime: 8, packets: 100)
        var totals = try #require(SuricataTotals(text: Array(try Self.added([line]).text.utf8)))
        let stats = try #require(SuricataStats(line))
        let isNew = totals.add(stats, of: "")
        #expect(!isNew)
        #expect(Self.packets(totals) == 100)
    }

    @Test("What is kept as text is what there was", arguments: StatsLine.recorded + [StatsLine.suricata8])
    func text(_ line: [UInt8]) throws {
        let totals = try Self.added([line, StatsLine.made(second: 3, uptime: 0, packets: 1)])
        #expect(SuricataTotals(text: Array(totals.text.utf8)) == totals)
    }

    @Test(
        "A text that is none of ours is not taken",
        arguments: ["", "{}", "[]", #"{"time":1,"uptime":1,"restarts":0,"counters":{"a":[1]}}"#])
    func foreign(_ text: String) { #expect(SuricataTotals(text: Array(text.utf8)) == nil) }

    @Test("Counters of two versions of Suricata go side by side")
    func versions() throws {
        let old = try #require(StatsLine.recorded.first)
        let totals = try Self.added([StatsLine.suricata8, old])
        let before = try #require(SuricataStats(old)).counters[Self.packets] ?? 0
        #expect(Self.packets(totals) == before + 993)
        // Suricata 7 has no POP3.
        #expect(totals.counts[SuricataSeries(name: "app_layer_flows", labels: ["pop3"])]?.total == 3)
    }

    @Test("A value that cannot be is ignored, and nothing is counted for it or after it")
    func impossible() throws {
        let totals = try Self.added([
            StatsLine.made(second: 8, uptime: 8, packets: 1_000),
            StatsLine.made(second: 16, uptime: 16, packets: 18_446_744_073_709_551_000),
            StatsLine.made(second: 24, uptime: 24, packets: 1_200),
        ])
        #expect(Self.packets(totals) == 1_200 && totals.impossibleValues == 1)
        let kept = try #require(SuricataTotals(text: Array(totals.text.utf8)))
        #expect(kept.impossibleValues == 1)
    }

    @Test("A total that is full stays where it is")
    func full() throws {
        let most = SuricataStats.countMax
        let totals = try Self.added(
            [most, 0, most, 0, 2].enumerated().map { index, packets in
                StatsLine.made(second: 8 * index, uptime: 8 * index, packets: packets)
            })
        #expect(Self.packets(totals) == UInt64.max - 1 && totals.impossibleValues == 1)
    }

    @Test("Two Suricatas that write as one sensor are followed each by itself and summed")
    func twoHosts() throws {
        let lines = (1...4).flatMap { (turn: Int) -> [[UInt8]] in
            [
                StatsLine.made(second: 8 * turn, uptime: 800 + 8 * turn, packets: UInt64(1_000 * turn), host: "a"),
                StatsLine.made(second: 8 * turn + 1, uptime: 8 * turn, packets: UInt64(10 * turn), host: "b"),
            ]
        }
        let totals = try Self.added(lines)
        #expect(Self.packets(totals) == 4_040 && totals.restarts == 0 && totals.writersCount == 2)
        let again = try Self.added(
            [StatsLine.made(second: 60, uptime: 4, packets: 7, host: "b")],
            to: try #require(SuricataTotals(text: Array(totals.text.utf8))))
        #expect(Self.packets(again) == 4_047 && again.restarts == 1)
        var sensor = SuricataSensor()
        for (index, line) in lines.prefix(2).enumerated() { _ = sensor.take(Array("\(index)-0 ".utf8) + line) }
        #expect(!sensor.hasTwoHosts)
        _ = sensor.take(Array("9-0 ".utf8) + lines[2])
        #expect(sensor.hasTwoHosts)
    }

    @Test("No more Suricatas are followed than allowed, unless one has been silent for a day")
    func manyHosts() throws {
        let lines = (1...20).map { StatsLine.made(second: $0, uptime: 8, packets: 1, host: "h\($0)") }
        var totals = try Self.added(lines)
        #expect(totals.writersCount == 8 && Self.packets(totals) == 8)
        var later = try #require(SuricataStats(lines[19]))
        later.time += 86_400_000_000_000
        let isTaken = totals.add(later, of: later.host)
        #expect(isTaken && totals.writersCount == 8 && Self.packets(totals) == 9)
    }

    @Test("What an earlier version has kept goes on, whichever host it was of")
    func earlierText() throws {
        let text = #"{"time":1769943608500000000,"uptime":8,"restarts":2,"counters":{"decoder_packets":[150,50]}}"#
        let totals = try Self.added(
            [StatsLine.made(second: 16, uptime: 16, packets: 80, host: "a")],
            to: try #require(SuricataTotals(text: Array(text.utf8))))
        #expect(Self.packets(totals) == 180 && totals.restarts == 2 && totals.writersCount == 1)
    }

    @Test("A sensor takes an entry once, and tells whether there is something new")
    func sensor() {
        var sensor = SuricataSensor()
        let line = StatsLine.made(second: 8, uptime: 8, packets: 100)
        let news = [
            Array("7-0 ".utf8) + line, Array("7-0 ".utf8) + StatsLine.made(second: 16, uptime: 16, packets: 200),
            Array("8-0 ".utf8) + line, Array("9-0 nonsense".utf8), Array("nonsense".utf8),
        ].map { sensor.take($0) }
        #expect(news == [true, false, false, false, false])
        #expect(Self.packets(sensor.totals) == 100 && sensor.stats?.uptimeSeconds == 8)
    }
}
