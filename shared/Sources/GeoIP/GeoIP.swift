import Glibc
public import Networks

/// Where addresses are and whose network they belong to, by databases that the user provides. Each may be absent, broken or
/// replaced at any time; only the answers change then.
///
/// Belongs to one loop: not safe to use from two threads.
public final class GeoIP {
    /// What became of a database file.
    public enum Change: Equatable {
        /// It was opened, at first or again after it was replaced.
        case opened(path: String)
        /// It is absent or broken; the one that was open before is closed.
        case failed(GeoIPError)
    }

    private var city: WatchedFile?
    private var system: WatchedFile?
    private var recent: [IPAddress: GeoIPRecord?] = [:]
    private var older: [IPAddress: GeoIPRecord?] = [:]
    private let addressesCachedMax: Int

    /// - Parameters:
    ///   - cityFile: a City (or Country) database, nil for none.
    ///   - asnFile: an ASN database, nil for none.
    ///   - addressesCachedMax: about how many addresses are remembered, at least 2; 8,192 take about 4 MB.
    public init(cityFile: String?, asnFile: String?, addressesCachedMax: Int = 8_192) {
        city = cityFile.map(WatchedFile.init)
        system = asnFile.map(WatchedFile.init)
        self.addressesCachedMax = max(2, addressesCachedMax)
    }

    /// Opens what has appeared or changed since the last call; to be called at start and every few seconds.
    ///
    /// - Returns: what changed, to be logged and counted; a lasting fault is there once.
    public func refresh() -> [Change] {
        let changes = [city?.refresh(), system?.refresh()].compactMap { $0 ?? nil }
        if !changes.isEmpty {
            recent = [:]
            older = [:]
        }
        return changes
    }

    /// What the databases know of an address; nil when none of them has it.
    ///
    /// Two generations of answers are kept. When the younger one is full it becomes the older one, whose addresses move up
    /// again when they are asked for. So the cache is bounded, and addresses that are asked for often stay.
    public func record(of address: IPAddress) -> GeoIPRecord? {
        if let known = recent[address] { return known }
        let record = older[address] ?? GeoIPRecord(of: address, city: city?.database, system: system?.database)
        if recent.count >= addressesCachedMax / 2 {
            older = recent
            recent = [:]
        }
        recent[address] = .some(record)
        return record
    }
}
