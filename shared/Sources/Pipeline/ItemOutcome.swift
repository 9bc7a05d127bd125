/// What a sink did with one document.
public enum ItemOutcome: Equatable, Sendable {
    /// It is in the store, and was not there before.
    case stored
    /// The store has had a document of this id already: a replay, and as good as stored.
    case alreadyThere
    /// It may work later: the store is busy, or failed at this document without judging it. `isUncertain` when the
    /// document may be in the store all the same.
    case retry(reason: String, isUncertain: Bool = false)
    /// It can never work: `type` is a short name of the kind of refusal, `reason` the store's own words.
    case rejected(type: String, reason: String)
}
