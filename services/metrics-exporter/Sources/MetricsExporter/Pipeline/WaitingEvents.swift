/// How many events wait for a group: the difference between what the stage before has written and what it has finished.
///
/// The two do not count quite the same (a damaged line can become two documents; a group may begin late), so what is left
/// when nothing waits is taken off.
struct WaitingEvents {
    private var difference: Int64 = 0

    /// - Parameters:
    ///   - written: events that the stage before has written.
    ///   - finished: events that the group has stored or rejected.
    ///   - hasEntries: whether any entry waits.
    /// - Returns: how many events wait.
    mutating func count(written: Int64, finished: Int64, hasEntries: Bool) -> Int64 {
        let now = written &- finished
        if !hasEntries { difference = now }
        return max(0, now &- difference)
    }
}
