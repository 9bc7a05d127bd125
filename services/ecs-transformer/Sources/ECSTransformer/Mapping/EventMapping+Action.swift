import JSON

// What was done, by which user, and whether it worked: only the object that an event is about says that.
extension EventMapping {
    /// Sets `event.action` to a verb of the protocol, if the event is about the object at hand.
    mutating func setAction(_ node: JSONNode?) {
        if isOwnObject, let text = node?.encodedText { setAction(text) }
    }

    /// Sets `event.action` to a verb in lower case and without spaces, if the event is about the object at hand.
    mutating func setAction(_ verb: EncodedText) {
        guard isOwnObject else { return }
        document.set(.eventAction, document.replacing(" ", by: "_", in: document.lowercased(verb)))
    }

    /// Sets `event.action` to the name of a number, or to the number itself where it has no name, if the event is about
    /// the object at hand.
    mutating func setAction(_ number: JSONNode?, names: [(number: Int64, name: StaticString)]) {
        guard let known = number?.wholeNumber, let verb = names.first(where: { $0.number == known }) else {
            return setAction(number)
        }
        setAction(EncodedText(verb.name))
    }

    /// Sets `event.code` and `event.reason` to what went wrong in the words of the protocol, if the event is about the
    /// object at hand.
    mutating func setCode(_ code: JSONNode?, reason: JSONNode? = nil) {
        guard isOwnObject else { return }
        document.set(.eventCode, code)
        document.set(.eventReason, reason)
    }

    /// Sets `event.outcome`, if the event is about the object at hand.
    mutating func setOutcome(isSuccess: Bool) {
        if isOwnObject { document.set(.eventOutcome, isSuccess ? "success" : "failure") }
    }

    /// Makes the event one of authentication with a known outcome, if it is about the object at hand.
    mutating func setLogin(isSuccess: Bool) {
        guard isOwnObject else { return }
        setOutcome(isSuccess: isSuccess)
        document.append(.eventCategory, "authentication")
        document.append(.eventType, isSuccess ? "start" : "info")
    }

    /// Sets `user.name` and `related.user`, unless the name is blank or Suricata's mark of an empty one.
    mutating func setUser(_ node: JSONNode?) {
        guard let name = node?.encodedText?.trimmed, !name.isEmpty, !name.isEqual(to: "<empty>") else { return }
        document.set(.userName, name)
        document.append(.relatedUser, name)
    }
}
