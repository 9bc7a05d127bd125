import Configuration
import Digest
import Files
import Glibc
import Lifecycle
import Logging
import Synchronization

/// Starts services anew, where something on this machine can.
protocol ServiceRestarts: Sendable {
    /// Whether it can now.
    var isPossible: Bool { get }
    /// Has a service start anew; returns when that is begun.
    func restart(_ service: String, by user: String) throws
}

/// Puts configurations in force: the only one that writes the configuration file.
///
/// A new one is on trial until the services that it concerns have started with it and are ready. If one is not, the one
/// before comes back by itself. Where nothing can start services anew, the trial waits for whoever does.
final class ConfigurationKeeper: Sendable {
    /// Why something is not done.
    enum Fault: Error {
        /// The file is another one than the caller has seen.
        case changed
        /// A revision is on trial.
        case busy
        /// There is no revision of that number, or none on trial.
        case missing
        /// The file cannot be read or written.
        case file(String)
        /// It would take accounts and revisions out of sight.
        case otherFolder
    }

    /// The file as it is now.
    struct Current: Sendable {
        let text: ConfigurationText
        /// Of this state of the file, for `If-Match`.
        let tag: String
        /// Why it cannot be written; nil when it can.
        let obstacle: String?
    }

    /// Starts of control-plane itself during a trial that concerns it, after which the one before comes back.
    private static let startsMax = 3
    private static let roundMilliseconds = 1_000
    private static let lookMilliseconds = 3_000
    private static let measuredMax = 5
    private static let folderKey = "web.data_dir"

    private struct State {
        /// The revision on trial.
        var revision: Revision?
        var trial: Trial?
        /// Services that were asked to start anew, and when, in seconds of a clock that is never set back.
        var asked: [String: Int64] = [:]
        /// Why some of them are not.
        var refusals: [String: String] = [:]
        var isGoneBack = false
    }

    let path: String
    /// How long a service may take to be ready.
    let patienceSeconds: Int
    /// The name of control-plane itself among the services.
    static let ownService = "control-plane"
    private let folder: RevisionFolder
    private let watch: any SettingsWatch
    private let restarts: any ServiceRestarts
    private let logger: Logger
    private let state: Mutex<State>
    private let lastLook = Mutex<(looks: [SettingsInForce], good: Deadline)?>(nil)

    /// Takes up a trial that was open when the process ended. If it has kept control-plane from starting, the revision before
    /// comes back here.
    ///
    /// - Parameter path: of the configuration file; it need not exist.
    /// - Throws: `FileError`; ``GoneBackError`` when the file is that of before again, so that the process must start anew.
    init(
        path: String, folder: String, patienceSeconds: Int, watch: any SettingsWatch, restarts: any ServiceRestarts,
        logger: Logger
    ) throws {
        (self.path, self.patienceSeconds, self.logger) = (path, patienceSeconds, logger)
        (self.watch, self.restarts) = (watch, restarts)
        self.folder = try RevisionFolder(folder)
        let revision = try Self.countStart(path: path, folder: self.folder, logger: logger)
        state = Mutex(
            State(
                revision: revision,
                trial: revision.map { Trial($0.watched, patienceSeconds: patienceSeconds) }))
    }

    /// Counts a start of control-plane in the trial that is open, also one that its settings prevent. After too many of them
    /// the revision before comes back.
    ///
    /// - Returns: the revision on trial; nil when there is none.
    /// - Throws: `FileError`, ``GoneBackError``.
    @discardableResult
    static func countStart(path: String, folder: RevisionFolder, logger: Logger) throws -> Revision? {
        guard var revision = try folder.numbers().first.flatMap(folder.revision), revision.state == .trial else {
            return nil
        }
        revision.starts += 1
        try folder.update(revision)
        let isOwn = revision.watched.contains { $0.service == ownService }
        guard isOwn, revision.starts > startsMax, isInFile(revision, folder, path) else { return revision }
        let reason = "\(ownService) did not stay up with it"
        try write(try folder.text(revision.base), to: path)
        (revision.state, revision.reason) = (.rolledBack, reason)
        try folder.update(revision)
        logger.warning("the configuration of before is back", ["revision": revision.number, "reason": reason])
        throw GoneBackError()
    }

    /// The configuration of before is in the file again; this process has read the other one.
    struct GoneBackError: Error, CustomStringConvertible {
        let description = "the configuration of before is back; this start was with the one that does not work"
    }

    // MARK: - What there is

    /// The file as it is now; an empty text where there is none.
    func current() throws(Fault) -> Current {
        do throws(FileError) {
            let file = try OpenFile(regular: path)
            let text = ConfigurationText(try Self.content(of: file), path: path)
            let facts = try file.facts()
            return Current(text: text, tag: Self.tag(text, facts), obstacle: obstacle)
        } catch {
            guard error.isMissing else { throw .file(error.description) }
            let text = ConfigurationText("", path: path)
            return Current(text: text, tag: Self.tag(text, nil), obstacle: obstacle)
        }
    }

    /// Of what anybody may see of the text, so that it does not tell secrets apart, and of when it was written.
    private static func tag(_ text: ConfigurationText, _ facts: FileFacts?) -> String {
        let hash = SHA256()
        for part in [MaskedText.mask(text) ?? "", "\(facts?.inode ?? 0) \(facts?.modifiedTime ?? 0)"] {
            Array(part.utf8).withUnsafeBytes { hash.update($0) }
        }
        return "\"\(Hexadecimal.text(of: hash.finish().prefix(16)))\""
    }

    /// Why the file cannot be replaced here.
    private var obstacle: String? {
        access(Self.folder(of: path), W_OK | X_OK) == 0
            ? nil : "\(Self.folder(of: path)) cannot be written: \(String(cString: strerror(errno)))"
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }

    /// The revisions, the newest first.
    func revisions() -> [Revision] {
        ((try? folder.numbers()) ?? []).prefix(RevisionFolder.countMax).compactMap(folder.revision)
    }

    /// A revision with its text, and that of the one it was made from.
    func revision(_ number: Int) throws(Fault) -> (revision: Revision, text: ConfigurationText, base: ConfigurationText)
    {
        guard let revision = folder.revision(number), let text = try? folder.text(number) else { throw .missing }
        let base = (try? folder.text(revision.base)) ?? ""
        return (revision, ConfigurationText(text, path: path), ConfigurationText(base, path: path))
    }

    /// The newest revisions during which something was measured, with their texts.
    func measured() -> [(number: Int, text: ConfigurationText, measured: BatchMeasure)] {
        let found = revisions().lazy.compactMap { revision in
            revision.measured.flatMap { measured in
                (try? self.folder.text(revision.number)).map {
                    (revision.number, ConfigurationText($0, path: self.path), measured)
                }
            }
        }
        return Array(found.prefix(Self.measuredMax))
    }

    /// The revision on trial and how the services take it; nil when there is none.
    var trial: (revision: Revision, services: [Trial.Service])? {
        state.withLock { state in
            let services = state.trial?.services.map { service in
                service.course == .waiting
                    ? Trial.Service(name: service.name, course: .waiting, reason: state.refusals[service.name])
                    : service
            }
            return state.revision.map { ($0, services ?? []) }
        }
    }

    /// All services, as they are or were a moment ago: whoever writes a text asks twice a second, and each look holds a thread
    /// until the slowest service has answered.
    func services() -> [SettingsInForce] {
        lastLook.withLock { last in
            if let last, !last.good.hasPassed { return last.looks }
            let looks = watch.look()
            last = (looks, .milliseconds(Self.lookMilliseconds))
            return looks
        }
    }

    /// The same, as they are now.
    private func look() -> [SettingsInForce] {
        let looks = watch.look()
        lastLook.withLock { $0 = (looks, .milliseconds(Self.lookMilliseconds)) }
        return looks
    }

    /// Whether services are started anew from here.
    var restartsServices: Bool { restarts.isPossible }

    /// Whether this process runs with a configuration that was taken back, and must start anew.
    var isGoneBack: Bool { state.withLock { $0.isGoneBack } }

    // MARK: - What is done

    /// Puts a text in force, on trial.
    ///
    /// - Parameters:
    ///   - tag: of the state of the file that the caller has seen.
    ///   - record: is called before the file is written, and may refuse by throwing.
    /// - Throws: ``Fault``, and what `record` throws.
    func apply(
        _ text: ConfigurationText, over tag: String, user: String, note: String, record: (Revision) throws -> Void
    ) throws -> Revision {
        let looks = look()
        return try state.withLock { state in
            guard state.revision == nil else { throw Fault.busy }
            let current = try current()
            guard current.tag == tag else { throw Fault.changed }
            if let obstacle = current.obstacle { throw Fault.file(obstacle) }
            do {
                let base = try base(of: current)
                let keys = ConfigurationDifference.keys(from: current.text, to: text)
                if keys.contains(Self.folderKey), looks.contains(where: { $0.takes(Self.folderKey) }) {
                    throw Fault.otherFolder
                }
                var revision = Revision(
                    base.next, time: WallClock.seconds(), user: user, note: note, state: .trial, base: base.number,
                    keys: keys)
                let concerned = looks.filter { look in
                    look.silence == nil && keys.contains { look.takes(Self.plain($0)) }
                }
                revision.watched = concerned.filter(\.isReady).map {
                    Revision.Watched(service: $0.service, startedBefore: $0.started)
                }
                if revision.watched.isEmpty { revision.state = .kept }
                try record(revision)
                if var before = folder.revision(base.number), let measured = BatchMeasure(looks) {
                    before.measured = measured
                    try folder.update(before)
                }
                try folder.add(revision, text: text.text)
                do throws(FileError) {
                    try Self.write(text.text, to: path)
                } catch {
                    // Not on trial at the next start: it never was in force.
                    (revision.state, revision.reason) = (.rolledBack, error.description)
                    try folder.update(revision)
                    throw error
                }
                if revision.state == .trial {
                    state = State(
                        revision: revision, trial: Trial(revision.watched, patienceSeconds: patienceSeconds))
                }
                return revision
            } catch let error as FileError {
                throw Fault.file(error.description)
            }
        }
    }

    /// The key whose value a key of the file gives: `redis.password` for `redis.password_file`.
    static func plain(_ name: String) -> String { MaskedText.keys[name]?.name ?? name }

    /// The revision whose text is in the file, and the next free number. Where somebody has changed the file by another way, that
    /// becomes a revision of its own, so that it can come back.
    private func base(of current: Current) throws -> (number: Int, next: Int) {
        let newest = try folder.numbers().first ?? 0
        var inForce = folder.revision(newest)
        while let revision = inForce, revision.state == .rolledBack { inForce = folder.revision(revision.base) }
        if let inForce, try folder.text(inForce.number) == current.text.text { return (inForce.number, newest + 1) }
        let before = ConfigurationText(inForce.flatMap { try? folder.text($0.number) } ?? "", path: path)
        let found = Revision(
            newest + 1, time: WallClock.seconds(), user: "", note: "", state: .found, base: inForce?.number ?? 0,
            keys: ConfigurationDifference.keys(from: before, to: current.text))
        try folder.add(found, text: current.text.text)
        return (found.number, newest + 2)
    }

    /// Ends the trial by a person's word.
    ///
    /// - Throws: ``Fault``, and what `record` throws.
    func end(_ number: Int, keeping isKept: Bool, record: (Revision) throws -> Void) throws -> Revision {
        try state.withLock { state in
            guard let revision = state.revision, revision.number == number else { throw Fault.missing }
            try record(revision)
            do {
                return try finish(&state, isKept ? .keep : .rollBack("taken back by hand"))
            } catch let error as FileError {
                throw Fault.file(error.description)
            }
        }
    }

    /// Watches trials until it is stopped.
    func run(until stop: StopSignal) {
        while !stop.isStopped {
            if state.withLock({ $0.revision != nil }) { round() }
            stop.wait(milliseconds: Self.roundMilliseconds)
        }
    }

    /// Looks once at the services of an open trial.
    func round() {
        // Not under the lock: services that are starting take their time to answer.
        let looks = look()
        state.withLock { state in
            guard let revision = state.revision, var verdict = state.trial?.judge(looks, now: Self.seconds) else {
                return
            }
            if !Self.isInFile(revision, folder, path) { verdict = .rollBack("the file has another text by now") }
            do {
                if verdict != .open { _ = try finish(&state, verdict) } else { startAnew(&state, by: revision.user) }
            } catch {
                logger.error(
                    "the trial of a configuration cannot be ended", ["revision": revision.number, "reason": "\(error)"])
            }
        }
    }

    /// One service after the other, so that a configuration that does not work stops one of them alone; control-plane itself when
    /// all others have come through.
    private func startAnew(_ state: inout State, by user: String) {
        guard restarts.isPossible, let services = state.trial?.services else { return }
        for service in services where service.course == .waiting && state.refusals[service.name] == nil {
            if let time = state.asked[service.name], Self.seconds - time > Int64(patienceSeconds) {
                state.refusals[service.name] = "it was asked to start anew, and has not within \(patienceSeconds) s"
            }
        }
        let isUnderWay = services.contains { service in
            state.asked[service.name] != nil && service.course != .ready && state.refusals[service.name] == nil
        }
        let next = services.first { service in
            service.course == .waiting && state.asked[service.name] == nil
                && (service.name != Self.ownService
                    || services.allSatisfy { $0.name == Self.ownService || $0.course == .ready })
        }
        guard !isUnderWay, let next else { return }
        state.asked[next.name] = Self.seconds
        state.refusals[next.name] = restart(next.name, by: user)
    }

    /// - Returns: why a service is not started anew; nil when that has begun.
    private func restart(_ service: String, by user: String) -> String? {
        do {
            try restarts.restart(service, by: user)
            return nil
        } catch {
            logger.warning("a service is not started anew", ["service": service, "reason": "\(error)"])
            return "\(error)"
        }
    }

    /// Ends the trial. After a way back those services start anew that have started with what is gone.
    private func finish(_ state: inout State, _ verdict: Trial.Verdict) throws -> Revision {
        guard var revision = state.revision, let services = state.trial?.services else { throw Fault.missing }
        // What was asked to start anew may have read the file already.
        let taken = services.filter { $0.course != .waiting || state.asked[$0.name] != nil }.map(\.name)
        if case .rollBack(let reason) = verdict {
            // What somebody else has written stays.
            if Self.isInFile(revision, folder, path) { try Self.write(try folder.text(revision.base), to: path) }
            (revision.state, revision.reason) = (.rolledBack, reason)
            let others = taken.filter { $0 != Self.ownService }
            if !others.isEmpty, !restarts.isPossible {
                revision.reason = "\(reason); to be started anew: \(others.joined(separator: ", "))"
            }
        } else {
            revision.state = .kept
        }
        try folder.update(revision)
        logger.info(
            revision.state == .kept ? "the configuration is kept" : "the configuration of before is back",
            ["revision": revision.number, "reason": revision.reason ?? "-"])
        state = State()
        guard revision.state == .rolledBack else { return revision }
        if restarts.isPossible {
            for service in taken { _ = restart(service, by: revision.user) }
        } else if taken.contains(Self.ownService) {
            // Whoever looks after this process starts it again.
            state.isGoneBack = true
        }
        return revision
    }

    // MARK: - The file

    private static func content(of file: OpenFile) throws(FileError) -> String {
        String(decoding: try file.content(bytesMax: ConfigurationFile.bytesMax), as: UTF8.self)
    }

    /// Whether the file has the text of a revision still, or already: it has not when the process was killed before it was
    /// written, or when somebody has changed it by another way. What cannot be read is taken for unchanged.
    private static func isInFile(_ revision: Revision, _ folder: RevisionFolder, _ path: String) -> Bool {
        do throws(FileError) {
            return try content(of: OpenFile(regular: path)) == folder.text(revision.number)
        } catch {
            return !error.isMissing
        }
    }

    private static var seconds: Int64 { MonotonicClock.nanoseconds() / 1_000_000_000 }

    /// Keeps the permissions of the file that was there. In a folder whose files belong to its group, the group may write.
    private static func write(_ text: String, to path: String) throws(FileError) {
        var (file, folder) = (stat(), stat())
        var mode = stat(path, &file) == 0 ? file.st_mode & 0o777 : 0o640
        if stat(Self.folder(of: path), &folder) == 0, folder.st_mode & S_ISGID != 0 { mode |= 0o060 }
        try AtomicFile.replace(path, with: Array(text.utf8), mode: mode)
    }
}
