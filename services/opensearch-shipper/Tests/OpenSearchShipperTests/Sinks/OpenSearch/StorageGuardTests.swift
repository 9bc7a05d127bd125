import HTTPClient
import HTTPTypes
import Logging
import OpenSearch
import OpenSearchBulk
import Settings
import Testing

@testable import OpenSearchShipper

@Suite struct StorageGuardTests {
    private static let today: Int64 = 20_485

    private static func indexes(_ eventClass: EventClass, ages: ClosedRange<Int64>) -> [DailyIndex] {
        ages.map { DailyIndex(eventClass, day: today - $0) }
    }

    /// Deletes index after index from those that are there, until nothing more may go.
    private static func order(
        _ indexes: [DailyIndex], holdingAlerts holdsAlerts: (DailyIndex) -> Bool = { _ in false }
    ) -> [DailyIndex] {
        var (left, gone) = (Set(indexes), [DailyIndex]())
        while let next = StorageGuard.first(of: left, holdingAlerts: holdsAlerts, today: today) {
            left.remove(next)
            gone.append(next)
        }
        return gone
    }

    @Test("Counters go first, then telemetry, alerts last, each with the oldest day first")
    func orderOfClasses() {
        let all = EventClass.allCases.flatMap { Self.indexes($0, ages: 0...10) }
        let gone = Self.order(all)
        let oldestFirst = { Array(Self.indexes($0, ages: $1).reversed()) }
        let expected = oldestFirst(.stats, 1...10) + oldestFirst(.telemetry, 1...10) + oldestFirst(.alerts, 8...10)
        #expect(gone == expected)
    }

    @Test("Without classes nothing of the last seven days goes")
    func withoutClasses() {
        let all = Self.indexes(.telemetry, ages: -1...10)
        #expect(Self.order(all) { _ in true } == Self.indexes(.telemetry, ages: 8...10).reversed())
    }

    @Test("An index of telemetry that holds alerts goes with the alerts")
    func mixedIndexes() {
        let all = Self.indexes(.telemetry, ages: 0...9) + Self.indexes(.alerts, ages: 8...10)
        let gone = Self.order(all) { $0.day <= Self.today - 5 }
        #expect(gone.map { Self.today - $0.day } == [4, 3, 2, 1, 10, 9, 9, 8, 8])
    }

    // MARK: - Steps

    private static func disks(usedPercent: Int) -> String {
        let disk = #""fs":{"total":{"total_in_bytes":1000,"available_in_bytes":\#(1000 - usedPercent * 10)}}"#
        return #"{"nodes":{"n":{"timestamp":\#(today * 86_400_000),"roles":["data"],\#(disk)}}}"#
    }

    private static func sizes(_ names: String...) -> String {
        let indexes = names.map { #""\#($0)":{"total":{"store":{"size_in_bytes":5}}}"# }
        return #"{"indices":{\#(indexes.joined(separator: ","))}}"#
    }

    /// A store that answers each request by what the script says, and the guard that asks it, by a clock of its own.
    private final class Guarded {
        let metrics = ShipperMetrics.testing()
        let storageGuard: StorageGuard
        var today = StorageGuardTests.today
        var now: Int64 = 0
        /// Method and path without query of each request.
        var asked: [String] = []

        init(_ change: (inout OpenSearchSettings) -> Void = { _ in }) {
            var settings = OpenSearchSettings()
            (settings.classes, settings.storageGuard) = (.on, .on)
            change(&settings)
            storageGuard = StorageGuard(
                settings, endpoint: OpenSearchEndpoint("http://store"),
                logger: Logger(service: "test", descriptor: -1), metrics: metrics)
        }

        /// Answers whatever is asked within so many seconds.
        func run(seconds: Int64, isStoreInTrouble: Bool = false, _ answer: (String) -> (Int, String)) {
            let end = now + seconds * 1_000_000_000
            while now < end {
                guard let step = storageGuard.takeStep(isStoreInTrouble: isStoreInTrouble, at: now) else {
                    now += 1_000_000_000
                    continue
                }
                let request = storageGuard.request(step)
                let path = request.head.target.dropFirst("http://store".count).prefix { $0 != "?" }
                let line = "\(request.head.method.name) \(path)"
                asked.append(line)
                let (status, body) = answer(line)
                let response = ClientResponse(HTTPStatus(status), fields: [:], body: Array(body.utf8))
                storageGuard.answered(.success(response), to: step, today: today, now: now)
            }
        }
    }

    private static let looks = "GET /_nodes/stats/fs"

    @Test("Below the mark only the disks are looked at, after one look for blocks from before")
    func belowTheMark() {
        let guarded = Guarded()
        guarded.run(seconds: 60) { line in (200, line == Self.looks ? Self.disks(usedPercent: 75) : "{}") }
        #expect(
            guarded.asked == [
                Self.looks, "GET /suricata-*/_settings/index.blocks.read_only_allow_delete", Self.looks,
            ])
        #expect(guarded.metrics.storageUsedRatio.value == 0.75)
    }

    @Test("Above the mark an index goes when two looks agree, and the next one only after two more")
    func aboveTheMark() {
        let guarded = Guarded()
        var names = ["suricata-stats-2026.01.30", "suricata-stats-2026.01.31", "suricata-stats-2026.02.01"]
        guarded.run(seconds: 7) { line in
            if line.hasPrefix("DELETE") { names.removeFirst() }
            let list = names.map { #""\#($0)":{"total":{"store":{"size_in_bytes":5}}}"# }.joined(separator: ",")
            return (200, line == Self.looks ? Self.disks(usedPercent: 90) : #"{"indices":{\#(list)}}"#)
        }
        let look = [Self.looks, "GET /suricata-*/_stats/store"]
        #expect(guarded.asked == look + look + ["DELETE /suricata-stats-2026.01.30"] + look)
        #expect(guarded.metrics.storageIndexesDeleted[.stats]?.value == 1)
    }

    @Test("Where another shipper was quicker nothing more than needed goes")
    func anotherShipper() {
        let guarded = Guarded()
        var used = 90
        guarded.run(seconds: 20) { line in
            switch line {
            case Self.looks: return (200, Self.disks(usedPercent: used))
            case "GET /suricata-*/_stats/store":
                return (200, Self.sizes("suricata-2026.01.20", "suricata-2026.01.21", "suricata-2026.02.01"))
            case "GET /suricata-2026.01.20/_count": return (200, #"{"count":0,"_shards":{"failed":0}}"#)
            default:
                used = 60
                return (404, #"{"error":{"type":"index_not_found_exception"},"status":404}"#)
            }
        }
        #expect(guarded.asked.filter { $0.hasPrefix("DELETE") } == ["DELETE /suricata-2026.01.20"])
        #expect(guarded.metrics.storageIndexesDeleted[.telemetry]?.value == 0)
    }

    @Test("A clock that is ahead, ours and a sensor's, makes nothing old")
    func clockAhead() {
        let guarded = Guarded()
        guarded.today += 30
        guarded.run(seconds: 15) { line in
            if line == Self.looks { return (200, Self.disks(usedPercent: 90)) }
            let names = ["suricata-2026.02.01", "suricata-alerts-2026.01.25", "suricata-2026.03.03"]
            return (200, Self.sizes(names[0], names[1], names[2]))
        }
        #expect(!guarded.asked.contains { $0.hasPrefix("DELETE") })
        #expect(guarded.metrics.storageExhausted.value == 1)
    }

    @Test("Telemetry of yesterday that holds alerts stays when our clock is ahead")
    func mixedIndexAndClockAhead() {
        let guarded = Guarded()
        guarded.today += 30
        guarded.run(seconds: 15) { line in
            if line == Self.looks { return (200, Self.disks(usedPercent: 90)) }
            if line.hasSuffix("_count") { return (200, #"{"count":3,"_shards":{"failed":0}}"#) }
            return (200, Self.sizes("suricata-2026.01.31", "suricata-2026.02.01"))
        }
        #expect(!guarded.asked.contains { $0.hasPrefix("DELETE") })
    }

    @Test("A deletion without an answer is counted when its index is gone", arguments: [true, false])
    func deletionInDoubt(isCarriedOut: Bool) {
        let guarded = Guarded()
        var used = 90
        guarded.run(seconds: 100) { line in
            if line.hasPrefix("DELETE") {
                used = 50
                return (504, "<html>")
            }
            let hasGone = used == 50 && isCarriedOut
            let names = hasGone ? "suricata-2026.02.01" : "suricata-stats-2026.01.20"
            return (200, line == Self.looks ? Self.disks(usedPercent: used) : Self.sizes(names, "suricata-2026.02.02"))
        }
        #expect(guarded.metrics.storageIndexesDeleted[.stats]?.value == (isCarriedOut ? 1 : 0))
        #expect(guarded.asked.filter { $0.hasPrefix("DELETE") }.count == 1)
    }

    @Test("A block that comes back is released at the pace of the looks")
    func blockThatComesBack() {
        let guarded = Guarded { $0.storageGuardIntervalMilliseconds = 30_000 }
        guarded.run(seconds: 100, isStoreInTrouble: true) { line in
            if line == Self.looks { return (200, Self.disks(usedPercent: 50)) }
            return (200, #"{"suricata-2026.02.01":{"settings":{"index.blocks.read_only_allow_delete":"true"}}}"#)
        }
        #expect(guarded.asked.filter { $0.hasPrefix("PUT") }.count == 4)
    }

    @Test("Telemetry goes only when it is known to hold no alerts")
    func alertsAreCounted() {
        let guarded = Guarded()
        guarded.run(seconds: 15) { line in
            switch line {
            case Self.looks: (200, Self.disks(usedPercent: 90))
            case "GET /suricata-*/_stats/store":
                (
                    200,
                    Self.sizes(
                        "suricata-2026.01.28", "suricata-2026.01.29", "suricata-2026.01.30", "suricata-2026.01.31",
                        "suricata-2026.02.01")
                )
            case "GET /suricata-2026.01.29/_count": (200, #"{"count":0,"_shards":{"failed":1}}"#)
            case "GET /suricata-2026.01.28/_count":
                (503, #"{"error":{"type":"search_phase_execution_exception"},"status":503}"#)
            case "GET /suricata-2026.01.30/_count": (200, #"{"count":1,"_shards":{"failed":0}}"#)
            case "GET /suricata-2026.01.31/_count": (200, #"{"count":0,"_shards":{"failed":0}}"#)
            default: (200, #"{"acknowledged":true}"#)
            }
        }
        #expect(Set(guarded.asked.filter { $0.hasPrefix("DELETE") }) == ["DELETE /suricata-2026.01.31"])
    }

    @Test("When nothing may go, that is told, until there is room again")
    func exhausted() {
        let guarded = Guarded()
        guarded.run(seconds: 10) { line in
            (200, line == Self.looks ? Self.disks(usedPercent: 90) : Self.sizes("suricata-2026.02.01"))
        }
        #expect(guarded.metrics.storageExhausted.value == 1)
        guarded.run(seconds: 60) { line in (200, line == Self.looks ? Self.disks(usedPercent: 10) : "{}") }
        #expect(guarded.metrics.storageExhausted.value == 0)
        #expect(!guarded.asked.contains { $0.hasPrefix("DELETE") })
    }

    @Test("The block of a full disk goes from our indexes once there is room, and from no other")
    func blocksAreReleased() {
        let guarded = Guarded()
        let blocked = [
            "suricata-2026.02.01", "suricata-alerts-2026.02.01", "suricata-stats-outside", "suricata-lab-2026.02.01",
        ].map { #""\#($0)":{"settings":{"index.blocks.read_only_allow_delete":"true"}}"# }.joined(separator: ",")
        var isReleased = false
        guarded.run(seconds: 40, isStoreInTrouble: true) { line in
            if line == Self.looks { return (200, Self.disks(usedPercent: 50)) }
            if line.hasPrefix("PUT") { isReleased = true }
            return (200, isReleased ? "{}" : "{\(blocked)}")
        }
        #expect(
            guarded.asked.filter { $0.hasPrefix("PUT") } == [
                "PUT /suricata-2026.02.01,suricata-alerts-2026.02.01,suricata-stats-outside/_settings"
            ])
    }

    @Test("A store that refuses to tell is asked again after the interval, and nothing goes")
    func refusals() {
        let guarded = Guarded { $0.storageGuardIntervalMilliseconds = 10_000 }
        guarded.run(seconds: 30) { _ in (403, #"{"error":{"type":"security_exception","reason":"no"},"status":403}"#) }
        #expect(guarded.asked == [Self.looks, Self.looks, Self.looks])
    }
}
