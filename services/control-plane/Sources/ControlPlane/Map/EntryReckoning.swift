/// Finds out how many entries were trimmed from a stream before they were read.
struct EntryReckoning: Sendable {
    /// KEYS: the stream. Gives the id of its newest and of its oldest entry, how many there are, and how many there ever
    /// were. A script, because Redis' own answer has whole entries in it.
    static let script = """
        #!lua flags=no-writes
        if redis.call('EXISTS', KEYS[1]) == 0 then return {'0-0', '', 0, 0} end
        local info, reply = {}, redis.call('XINFO', 'STREAM', KEYS[1])
        for index = 1, #reply, 2 do info[reply[index]] = reply[index + 1] end
        local oldest = info['first-entry']
        return {info['last-generated-id'], oldest and oldest[1] or '', info['length'], info['entries-added']}
        """

    /// What Redis says of a stream.
    struct Stream: Sendable {
        /// The id of the entry that was added last, whether or not it is still there.
        let last: String
        /// The id of the oldest entry; empty when there is none.
        let first: String
        let length: Int64
        /// How many were ever added.
        let added: Int64
    }

    /// Entries that were read, or are told as missed, or were there before.
    private var known: Int64 = 0
    private var entriesRead: Int64 = 0
    private var eventsRead: Int64 = 0

    /// Begins behind the newest entry.
    mutating func begin(at stream: Stream) {
        known = stream.added
    }

    mutating func read(events: Int) {
        known += 1
        entriesRead += 1
        eventsRead += Int64(events)
    }

    /// How many events were in entries that are gone unread, since it was asked last. Nobody can look into them: each counts
    /// as many as one that was read has on average.
    ///
    /// - Parameter position: the id of the entry that was read last.
    mutating func missedEvents(at position: String, of stream: Stream) -> Int {
        let waiting: Int64
        if position == stream.last {
            waiting = 0
        } else if !stream.first.isEmpty, !MapStream.isBefore(position, stream.first) {
            // Some that are there were read and some not. All that comes next is there yet.
            return 0
        } else {
            waiting = stream.length
        }
        let missed = max(0, stream.added - waiting - known)
        known = stream.added - waiting
        return Int(missed * max(1, entriesRead > 0 ? eventsRead / entriesRead : 1))
    }
}
