import JSON

/// A configuration that was put in force: who did it, when and why, and how it went.
struct Revision: Sendable, Equatable {
    /// How it went.
    enum State: String, Sendable, CaseIterable {
        /// It is in force, and the services are watched.
        case trial
        /// All services that it concerns took it, or nobody had to.
        case kept
        /// A service did not become ready with it, so that the one before came back.
        case rolledBack = "rolled back"
        /// It came into the file by another way than this one.
        case found
    }

    /// A service that is watched during a trial.
    struct Watched: Sendable, Equatable {
        let service: String
        /// When the process began that ran before, as the service itself said it.
        let startedBefore: String
    }

    let number: Int
    /// Seconds since 1970.
    var time: Int64
    var user: String
    /// Why, in the words of who did it.
    var note: String
    var state: State
    /// The one that comes back if this one does not work.
    var base: Int
    /// Keys that are different from the base.
    var keys: [String]
    /// Why it was rolled back, or what else is to be said; nil for nothing.
    var reason: String?
    /// What is watched while it is on trial.
    var watched: [Watched]
    /// How often control-plane itself has started while it was on trial.
    var starts: Int
    /// What was measured while it was in force, taken when the next one came; nil before, and for too few events.
    var measured: BatchMeasure?

    init(
        _ number: Int, time: Int64, user: String, note: String, state: State, base: Int, keys: [String] = [],
        reason: String? = nil, watched: [Watched] = [], starts: Int = 0
    ) {
        (self.number, self.time, self.user, self.note, self.state) = (number, time, user, note, state)
        (self.base, self.keys, self.reason, self.watched, self.starts) = (base, keys, reason, watched, starts)
    }

    /// Reads it from its file; nil for what is none.
    init?(_ number: Int, _ json: JSONNode) {
        guard let time = json["time"]?.int64, let state = json["state"]?.string.flatMap(State.init) else { return nil }
        self.init(
            number, time: time, user: json["user"]?.string ?? "", note: json["note"]?.string ?? "", state: state,
            base: Int(json["base"]?.int64 ?? 0), keys: json["keys"]?.elements.compactMap(\.string) ?? [],
            reason: json["reason"]?.string,
            watched: json["watched"]?.elements.compactMap { one in
                guard let service = one["service"]?.string, let started = one["started"]?.string else { return nil }
                return Watched(service: service, startedBefore: started)
            } ?? [], starts: Int(json["starts"]?.int64 ?? 0))
        measured = json["measured"].flatMap { BatchMeasure($0) }
    }
}

extension Revision: JSONWritable {
    /// For its file.
    func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("time", time)
            json.member("user", user)
            json.member("note", note)
            json.member("state", state.rawValue)
            json.member("base", base)
            json.member("keys", keys)
            json.member("reason", reason)
            json.array("watched") { list in
                for one in watched {
                    list.object { object in
                        object.member("service", one.service)
                        object.member("started", one.startedBefore)
                    }
                }
            }
            json.member("starts", starts)
            json.member("measured", measured)
        }
    }
}
