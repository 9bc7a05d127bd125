/// Judges a revision that is in force on trial, from what the services say; knows neither files nor the network.
struct Trial: Sendable {
    /// How a service takes it.
    enum Course: String, Sendable, CaseIterable {
        /// Its process is still that of before.
        case waiting
        /// It does not answer, or is not ready.
        case starting
        /// It is ready with it.
        case ready
    }

    /// A service, and how it takes it.
    struct Service: Sendable, Equatable {
        let name: String
        let course: Course
        /// What it says of why it is not ready, or why it cannot be started anew; nil for nothing.
        let reason: String?
    }

    enum Verdict: Sendable, Equatable {
        case open
        case keep
        case rollBack(String)
    }

    /// How long a service may be away, or not ready, before the revision is taken back.
    let patienceSeconds: Int
    /// How long it has to be ready before that counts: one that ends again and again is ready in between.
    var steadySeconds: Int { min(3, patienceSeconds / 2) }
    let watched: [Revision.Watched]
    private(set) var services: [Service]
    /// Since when a service has not been ready for long enough, and since when it is ready.
    private var troubleSince: [String: Int64] = [:]
    private var readySince: [String: Int64] = [:]

    init(_ watched: [Revision.Watched], patienceSeconds: Int) {
        (self.watched, self.patienceSeconds) = (watched, patienceSeconds)
        services = watched.map { Service(name: $0.service, course: .waiting, reason: nil) }
    }

    /// What is to be done.
    ///
    /// - Parameter now: seconds by a clock that is never set back.
    mutating func judge(_ looks: [SettingsInForce], now: Int64) -> Verdict {
        services = watched.map { one in
            guard let look = looks.first(where: { $0.service == one.service }) else {
                return Service(name: one.service, course: .starting, reason: "it is no longer watched")
            }
            if look.silence == nil, look.started == one.startedBefore {
                return Service(name: one.service, course: .waiting, reason: nil)
            }
            let isReady = look.silence == nil && look.isReady
            return Service(
                name: one.service, course: isReady ? .ready : .starting,
                reason: isReady ? nil : look.silence ?? look.reason)
        }
        for service in services {
            let name = service.name
            readySince[name] = service.course == .ready ? readySince[name] ?? now : nil
            let isSteady = readySince[name].map { now - $0 >= Int64(steadySeconds) } ?? false
            troubleSince[name] = service.course == .waiting || isSteady ? nil : troubleSince[name] ?? now
        }
        let lost = services.first { service in
            service.course == .starting
                && troubleSince[service.name].map { now - $0 >= Int64(patienceSeconds) } ?? false
        }
        if let lost {
            return .rollBack(
                "\(lost.name) was not ready after \(patienceSeconds) s: \(lost.reason ?? "it gave no reason")")
        }
        return services.allSatisfy { $0.course == .ready && troubleSince[$0.name] == nil } ? .keep : .open
    }
}
