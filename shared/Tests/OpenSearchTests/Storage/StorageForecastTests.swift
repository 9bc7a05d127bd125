import OpenSearch
import OpenSearchBulk
import Testing

@Suite struct StorageForecastTests {
    private static let today: Int64 = 20_000

    /// Indexes of telemetry of these bytes, the last one of yesterday.
    private static func telemetry(_ bytes: Int64...) -> [DailyIndex: Int64] {
        Dictionary(
            uniqueKeysWithValues: bytes.reversed().enumerated().map { age, bytes in
                (DailyIndex(.telemetry, day: today - 1 - Int64(age)), bytes)
            })
    }

    @Test("Without a full day nothing is known")
    func noFullDay() {
        let sizes = [DailyIndex(.telemetry, day: Self.today): Int64(500)]
        #expect(StorageForecast(sizes, freeBytes: 1_000, ages: [:], isGuarded: false, today: Self.today) == nil)
    }

    @Test("Where nothing is deleted the room is divided by what comes in a day")
    func nothingIsDeleted() throws {
        let forecast = try #require(
            StorageForecast(
                Self.telemetry(90, 110), freeBytes: 1_050, ages: [.telemetry: 0], isGuarded: false, today: Self.today))
        #expect(forecast.bytesPerDay == 100)
        #expect(forecast.daysLeft == 10)
    }

    @Test("What is deleted when it is old gives its room back")
    func deletionByAge() throws {
        // Three days are there; each goes at the age of 4 days, so from the first day on as much goes as comes.
        let sizes = Self.telemetry(100, 100, 100)
        func daysLeft(_ free: Int64, age: Int) throws -> Int {
            try #require(
                StorageForecast(sizes, freeBytes: free, ages: [.telemetry: age], isGuarded: false, today: Self.today)
            ).daysLeft
        }
        #expect(try daysLeft(100, age: 4) == StorageForecast.daysMax)
        #expect(try daysLeft(100, age: 6) == 1)
        #expect(try daysLeft(250, age: 6) == StorageForecast.daysMax)
        #expect(try daysLeft(0, age: 30) == 0)
    }

    @Test("Each class has a rate and an age of its own, and only the last seven days count")
    func classes() throws {
        var sizes: [DailyIndex: Int64] = [:]
        for age in 1...20 {
            sizes[DailyIndex(.stats, day: Self.today - Int64(age))] = age <= 7 ? 10 : 5_000
            sizes[DailyIndex(.alerts, day: Self.today - Int64(age))] = 1
        }
        let forecast = try #require(
            StorageForecast(sizes, freeBytes: 50, ages: [.stats: 7, .alerts: 365], isGuarded: false, today: Self.today))
        #expect(forecast.bytesPerDay == 11)
        #expect(forecast.daysLeft == 50)
    }

    @Test("A day without an event counts")
    func emptyDays() throws {
        let sizes = [DailyIndex(.telemetry, day: Self.today - 4): Int64(400)]
        let forecast = try #require(
            StorageForecast(sizes, freeBytes: 1_000, ages: [:], isGuarded: false, today: Self.today))
        #expect(forecast.bytesPerDay == 100)
    }

    @Test("A guarded store never fills, and tells for how many days telemetry has room beside the rest")
    func guarded() throws {
        var sizes: [DailyIndex: Int64] = [:]
        for age in 1...4 {
            sizes[DailyIndex(.telemetry, day: Self.today - Int64(age))] = 90
            sizes[DailyIndex(.alerts, day: Self.today - Int64(age))] = 10
        }
        let forecast = { (age: Int, free: Int64) in
            try #require(
                StorageForecast(
                    sizes, freeBytes: free, ages: [.telemetry: age, .alerts: 365], isGuarded: true, today: Self.today))
        }
        let short = try forecast(30, 250)
        #expect(short.daysLeft == StorageForecast.daysMax && short.daysKept == 6 && !short.isEnough)
        let enough = try forecast(5, 250)
        #expect(enough.daysKept == 5 && enough.isEnough)
        #expect(try forecast(30, 0).daysKept == 3)
    }
}
