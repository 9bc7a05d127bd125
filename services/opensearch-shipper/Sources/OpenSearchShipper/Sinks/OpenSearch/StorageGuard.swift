import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import Logging
import OpenSearch
import OpenSearchBulk
import Settings

/// Keeps the disk of the store from filling up, which would stop all writing: above a mark the oldest daily index of the least
/// class is deleted, one after the other, until there is room.
///
/// Several shippers may do so at once. Before each deletion the disks and the indexes are looked at twice, some time apart, and
/// the same index has to be the one to go both times; so what another one has just freed is seen, and an index that is gone
/// already is a success.
final class StorageGuard {
    /// A request to the store.
    enum Step: Equatable {
        /// How full the disks are.
        case disks
        /// Which daily indexes there are, with their sizes.
        case indexes
        /// How many alerts are in an index of telemetry.
        case alerts(DailyIndex)
        /// An index goes, which takes that many bytes.
        case deletion(DailyIndex, bytes: Int64)
        /// Which indexes have the block of a full disk.
        case blocks
        /// The block goes from these.
        case release([String])
    }

    private let settings: OpenSearchSettings
    private let endpoint: OpenSearchEndpoint
    private let logger: Logger
    private let metrics: ShipperMetrics
    private var next = Step.disks
    private var dueAt: Int64 = 0
    private var isStepInFlight = false
    /// Whether there may be blocks to release: nobody knows at the start.
    private var mayBeBlocked = true
    /// Which have been released since the last look that found no block.
    private var released: Set<String> = []
    /// The index that was to go at the last look.
    private var candidate: DailyIndex?
    /// Indexes of telemetry that hold alerts, from before there were classes.
    private var alertHolders: Set<DailyIndex> = []
    /// A deletion of which it is not known whether it was carried out.
    private var doubt: (index: DailyIndex, bytes: Int64)?
    /// The day by the clocks of the store.
    private var storeDay: Int64?
    private var trouble: String?

    /// Alerts of so many full days are never deleted.
    static let alertDaysKept: Int64 = 7
    /// Disks are measured by OpenSearch once a second, and files of a deleted index go a moment after it.
    private static let secondLookMilliseconds = 3_000
    /// A URL has room for these.
    private static let releasedAtOnceMax = 32
    private static let blockName = "index.blocks.read_only_allow_delete"

    init(_ settings: OpenSearchSettings, endpoint: OpenSearchEndpoint, logger: Logger, metrics: ShipperMetrics) {
        (self.settings, self.endpoint) = (settings, endpoint)
        (self.logger, self.metrics) = (logger, metrics)
    }

    // MARK: - Asking

    /// The step to make now; it is in flight until ``answered(_:to:now:)``.
    ///
    /// - Parameters:
    ///   - isStoreInTrouble: whether the store takes nothing, perhaps because of a block.
    ///   - now: the monotonic time, in nanoseconds.
    func takeStep(isStoreInTrouble: Bool, at now: Int64) -> Step? {
        if isStoreInTrouble { mayBeBlocked = true }
        guard !isStepInFlight, now >= dueAt else { return nil }
        isStepInFlight = true
        return next
    }

    /// The request of a step.
    func request(_ step: Step) -> ClientRequest {
        let prefix = settings.indexPrefix
        switch step {
        case .disks: return ClientRequest(.get, endpoint.url(DiskUse.path))
        case .indexes: return ClientRequest(.get, endpoint.url(IndexSizes.path(prefix: prefix)))
        case .alerts(let index):
            return ClientRequest(
                .get,
                endpoint.url(
                    "\(index.name(prefix: prefix))/_count?q=event.kind:alert&filter_path=count,_shards.failed,error,status"
                ))
        case .deletion(let index, _):
            return ClientRequest(.delete, endpoint.url(index.name(prefix: prefix)))
        case .blocks:
            return ClientRequest(
                .get,
                endpoint.url(
                    "\(prefix)-*/_settings/\(Self.blockName)?flat_settings=true&expand_wildcards=open,hidden"))
        case .release(let names):
            return ClientRequest(
                .put, endpoint.url("\(names.joined(separator: ","))/_settings?ignore_unavailable=true"),
                fields: ["content-type": "application/json"],
                body: BytesBody(Array(#"{"\#(Self.blockName)":null}"#.utf8)))
        }
    }

    // MARK: - Answers

    /// The end of a step.
    ///
    /// - Parameters:
    ///   - today: the UTC day, counted from 1970-01-01.
    ///   - now: the monotonic time, in nanoseconds.
    func answered(_ result: Result<ClientResponse, HTTPError>, to step: Step, today: Int64, now: Int64) {
        isStepInFlight = false
        let problem: String?
        switch result {
        case .failure(let error): problem = error.description
        case .success(let response):
            problem = response.body.withUnsafeBytes { body in
                var tree = JSONTree()
                let root = try? tree.parse(body)
                let isGone = response.status == 404
                guard let root, root.kind == .object,
                    response.status == .ok || isGone && step.isAboutOneIndex
                        || response.status.code >= 500 && step.isCount
                else {
                    return OpenSearchError(of: root, status: response.status.code).description
                }
                return take(root, isGone: isGone, to: step, today: today, now: now)
            }
        }
        if let problem, problem != trouble {
            logger.warning("The disk of the store is not guarded", ["reason": problem])
        } else if problem == nil, trouble != nil {
            logger.notice("The disk of the store is guarded again")
        }
        trouble = problem
        guard problem != nil else { return }
        lookAgain(after: settings.storageGuardIntervalMilliseconds, now: now)
        if case .deletion(let index, let bytes) = step { (doubt, next) = ((index, bytes), .indexes) }
    }

    /// - Returns: what is wrong with the answer.
    private func take(_ root: JSONNode, isGone: Bool, to step: Step, today: Int64, now: Int64) -> String? {
        switch step {
        case .disks:
            guard let disks = DiskUse(root) else { return "OpenSearch does not tell how full its disks are" }
            take(disks, now: now)
        case .indexes:
            let sizes = IndexSizes.read(root, prefix: settings.indexPrefix)
            if let doubt {
                if sizes[doubt.index] == nil { tell(of: doubt.index, bytes: doubt.bytes) }
                (self.doubt, next) = (nil, .disks)
            } else {
                choose(sizes, today: today, now: now)
            }
        case .alerts(let index):
            // What cannot be counted, as a shard is broken, may hold some; the guard goes on with others.
            if isGone || root["count"]?.int64 == 0 && root["_shards"]?["failed"]?.int64 == 0 {
                confirm(index, now: now)
            } else {
                alertHolders.insert(index)
                next = .indexes
            }
        case .deletion(let index, let bytes):
            if !isGone { tell(of: index, bytes: bytes) }
            lookAgain(after: secondLookMilliseconds, now: now)
        case .blocks:
            let names = root.members.compactMap { name, index -> String? in
                // {"suricata-2026.02.01":{"settings":{"index.blocks.read_only_allow_delete":"true"}}}
                guard let name = name.string, isOurs(name), var settings = index["settings"]?.members,
                    settings.next()?.value.string == "true"
                else { return nil }
                return name
            }
            mayBeBlocked = !names.isEmpty
            let blocked = names.filter { !released.contains($0) }
            guard blocked.isEmpty else {
                next = .release(Array(blocked.prefix(Self.releasedAtOnceMax)))
                return nil
            }
            if !mayBeBlocked, !released.isEmpty {
                logger.notice("Indexes that a full disk had blocked are written again", ["indexes": released.count])
            }
            // What is blocked again is released again, at the pace of the looks.
            released = []
            lookAgain(after: settings.storageGuardIntervalMilliseconds, now: now)
        case .release(let names):
            released.formUnion(names)
            lookAgain(after: secondLookMilliseconds, now: now)
        }
        return nil
    }

    private func take(_ disks: DiskUse, now: Int64) {
        metrics.storageUsedRatio.set(disks.usedRatio)
        storeDay = disks.day
        if disks.usedRatio * 100 > Double(settings.storageGuardPercent) {
            mayBeBlocked = true
            next = .indexes
            return
        }
        candidate = nil
        metrics.storageExhausted.set(0)
        if mayBeBlocked {
            next = .blocks
        } else {
            lookAgain(after: settings.storageGuardIntervalMilliseconds, now: now)
        }
    }

    /// Decides which index is to go, and lets it go when it was the one at the last look as well.
    private func choose(_ sizes: [DailyIndex: Int64], today: Int64, now: Int64) {
        // A clock that is ahead, ours or a sensor's, must not make what is new look old.
        let today = [today, storeDay, sizes.keys.map(\.day).max()].compactMap(\.self).min() ?? today
        alertHolders.formIntersection(sizes.keys)
        let chosen = Self.first(
            of: sizes.keys, holdingAlerts: { !settings.hasClasses || alertHolders.contains($0) }, today: today)
        guard let chosen else {
            if metrics.storageExhausted.value == 0 {
                logger.error(
                    "The disk of the store is nearly full, and nothing is left that may be deleted: give it more room",
                    ["percent": settings.storageGuardPercent, "prefix": settings.indexPrefix])
            }
            metrics.storageExhausted.set(1)
            return lookAgain(after: settings.storageGuardIntervalMilliseconds, now: now)
        }
        if chosen == candidate {
            next = .deletion(chosen, bytes: sizes[chosen] ?? 0)
        } else if chosen.eventClass == .telemetry, settings.hasClasses, !alertHolders.contains(chosen) {
            next = .alerts(chosen)
        } else {
            confirm(chosen, now: now)
        }
    }

    /// This index goes if it is the one at the next look as well.
    private func confirm(_ index: DailyIndex, now: Int64) {
        candidate = index
        lookAgain(after: secondLookMilliseconds, now: now)
    }

    /// The index that is to go first: the oldest of the least class; never one of today, nor one with alerts of the last
    /// ``alertDaysKept`` days.
    ///
    /// - Parameters:
    ///   - indexes: those that are there.
    ///   - holdsAlerts: whether an index of telemetry holds alerts as well, as those of a store without classes do. It goes
    ///     with the alerts.
    ///   - today: the UTC day, counted from 1970-01-01.
    static func first(
        of indexes: some Collection<DailyIndex>, holdingAlerts holdsAlerts: (DailyIndex) -> Bool, today: Int64
    ) -> DailyIndex? {
        for eventClass in EventClass.allCases {
            let old = indexes.filter { index in
                let goesWith = index.eventClass == .telemetry && holdsAlerts(index) ? .alerts : index.eventClass
                return goesWith == eventClass && index.day < today - (eventClass == .alerts ? alertDaysKept : 0)
            }
            // Of one day the larger first, which is the one of telemetry.
            let oldest = old.min { ($0.day, $1.eventClass.rawValue) < ($1.day, $0.eventClass.rawValue) }
            if let oldest { return oldest }
        }
        return nil
    }

    private func isOurs(_ name: String) -> Bool {
        DailyIndex(name: name, prefix: settings.indexPrefix) != nil
            || EventClass.allCases.contains { name == "\(settings.indexPrefix)\($0.infix)-outside" }
    }

    private func tell(of index: DailyIndex, bytes: Int64) {
        metrics.storageIndexesDeleted[index.eventClass]?.add()
        logger.warning(
            "Deleted an index, as the disk of the store is nearly full",
            [
                "index": index.name(prefix: settings.indexPrefix), "bytes": bytes,
                "used_percent": Int(metrics.storageUsedRatio.value * 100),
                "mark_percent": settings.storageGuardPercent,
            ])
    }

    private var secondLookMilliseconds: Int {
        min(Self.secondLookMilliseconds, settings.storageGuardIntervalMilliseconds)
    }

    private func lookAgain(after milliseconds: Int, now: Int64) {
        next = .disks
        dueAt = now + .nanoseconds(ofMilliseconds: milliseconds)
    }
}

extension StorageGuard.Step {
    /// Whether it is as good as done when its index is gone.
    fileprivate var isAboutOneIndex: Bool {
        switch self {
        case .alerts, .deletion: true
        case .disks, .indexes, .blocks, .release: false
        }
    }

    fileprivate var isCount: Bool { if case .alerts = self { true } else { false } }
}
