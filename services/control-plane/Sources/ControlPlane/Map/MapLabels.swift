import Lifecycle
import Logging

/// Tells the map what hosts are called and which alerts nobody has triaged, on a thread of its own: a slow index must not
/// hold up what is live.
struct MapLabels: Sendable {
    private static let waitMilliseconds = 5_000
    private static let groupsMax = 500
    private static let questionMilliseconds = 500

    let map: LiveMap
    let readers: EventReaders

    /// Works until asked to stop.
    func run(until stop: StopSignal) {
        while !stop.isStopped {
            // What cannot be read now is read in the next round; the indexer tells what is wrong.
            if map.viewers.count > 0 { try? refresh() }
            stop.wait(milliseconds: Self.waitMilliseconds)
        }
    }

    /// Reads names and open alerts, and hands them over.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    func refresh() throws {
        let hosts = map.hosts
        let labels = try readers.read { reader -> (names: [Int: String], page: GroupList.Page)? in
            guard let index = reader.index() else { return nil }
            let names = hosts.compactMap { host in reader.name(of: host.address).map { (host.id, $0) } }
            let page = try GroupList(index: index).page(
                .open, .all, .severity, limit: Self.groupsMax, after: nil, reader,
                deadline: .milliseconds(Self.questionMilliseconds))
            return (Dictionary(names, uniquingKeysWith: { first, _ in first }), page)
        }
        // Without an index nobody knows what is triaged, and marks stay.
        guard let labels else { return }
        map.label(
            labels.names,
            open: labels.page.groups.map { group in
                (Int(min(max(group.severity, 1), 3)), group.key.sensor, [group.key.sourceIP, group.key.destinationIP])
            }, areAll: labels.page.isComplete && labels.page.next == nil)
    }
}
