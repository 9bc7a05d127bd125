import Settings

/// What AWS takes for a domain, as far as it is known here. The only place with prices; to be looked at anew now and then.
enum Prices {
    /// When the prices were looked up.
    static let date = "2026-11"
    /// Where AWS says what counts.
    static let page = "https://aws.amazon.com/opensearch-service/pricing/"

    /// The prices of a region, in US dollars.
    struct Region: Sendable {
        /// Where the numbers are from.
        let source: String
        /// Of a machine for an hour, by its kind.
        let machineHour: [String: Double]
        /// Of one GiB of a gp3 volume for a month.
        let volumeGiBMonth: Double
    }

    /// By the name of the region.
    static let regions: [String: Region] = [
        "us-east-1": Region(
            source: "from public price tables", machineHour: ["t3.small.search": 0.036], volumeGiBMonth: 0.122),
        "eu-central-1": Region(
            source: "an estimate", machineHour: ["t3.small.search": 0.042], volumeGiBMonth: 0.146),
    ]
}

/// What a domain costs in a month, as a range: the numbers are not good enough for more.
struct CostEstimate: Equatable, Sendable {
    private static let hoursPerMonth = 730.0

    /// US dollars a month, from and to; nil when a price is not known.
    let monthlyUSD: ClosedRange<Int>?
    /// Where the prices are from; nil when none is known.
    let source: String?

    init(region: String, machine: String, count: Int, volumeGiB: Int) {
        let prices = Prices.regions[region]
        guard let prices, let hour = prices.machineHour[machine] else {
            (monthlyUSD, source) = (nil, nil)
            return
        }
        let exact = Double(count) * (hour * Self.hoursPerMonth + Double(volumeGiB) * prices.volumeGiBMonth)
        monthlyUSD = Self.range(around: exact)
        source = prices.source
    }

    /// What so much more volume costs in a month; nil when it is not known.
    static func monthlyUSD(ofVolumeGiB size: Int, region: String) -> Int? {
        Prices.regions[region].map { Int((Double(size) * $0.volumeGiBMonth).rounded(.up)) }
    }

    /// About a tenth wide, and at least 5 dollars.
    private static func range(around exact: Double) -> ClosedRange<Int> {
        let step = max(5, (exact / 50).rounded() * 5)
        let low = (exact / step).rounded(.down) * step
        return Int(low)...Int(low + step)
    }

    /// A sentence for people.
    var text: String {
        guard let monthlyUSD, let source else {
            return "not known here for this region and machine; see \(Prices.page)"
        }
        return
            "about \(monthlyUSD.lowerBound) to \(monthlyUSD.upperBound) USD a month, beside what is sent out of AWS; "
            + "\(source) of \(Prices.date), what counts is \(Prices.page)"
    }
}

/// For how many days a volume has room, up to the mark of the guard.
struct RoomEstimate: Equatable, Sendable {
    /// What is assumed before anything was measured, in events a second.
    static let eventsPerSecondAssumed = 20
    /// Bytes of an event in an index, as measured with this suite's templates; docs/opensearch.md says how.
    private static let bytesPerEvent = 700

    /// Full days.
    let days: Int

    init(volumeGiB: Int) {
        days = Self.bytes(volumeGiB: volumeGiB) / (Self.eventsPerSecondAssumed * 86_400 * Self.bytesPerEvent)
    }

    /// What may be written to a volume before the guard acts.
    static func bytes(volumeGiB: Int) -> Int { (volumeGiB << 30) / 100 * OpenSearchSettings().storageGuardPercent }
}
