import JSON

// What an event says was done, by whom, on which host, and whether it worked.
extension EventMapping {
    /// Sets `event.action` to a verb of the protocol, if the event is about the object at hand.
    mutating func setAction(_ node: JSONNode?) {
        if isOwnObject, let text = Self.text(node) { setAction(text) }
    }

    /// Sets `event.action` to a verb in lower case and without spaces, if the event is about the object at hand.
    mutating func setAction(_ verb: EncodedText) {
        guard isOwnObject else { return }
        document.set(.eventAction, document.replacing(" ", by: "_", in: document.lowercased(verb)))
    }

    /// Sets `event.code` and `event.reason` to what went wrong in the words of the protocol, if the event is about the
    /// object at hand.
    mutating func setCode(_ code: JSONNode?, reason: JSONNode? = nil) {
        guard isOwnObject else { return }
        set(.eventCode, code)
        set(.eventReason, reason)
    }

    /// Sets `event.outcome`, if the event is about the object at hand.
    mutating func setOutcome(isSuccess: Bool) {
        if isOwnObject { document.set(.eventOutcome, isSuccess ? "success" : "failure") }
    }

    /// Makes the event one of authentication, whose outcome is known, if it is about the object at hand.
    mutating func setLogin(isSuccess: Bool) {
        guard isOwnObject else { return }
        setOutcome(isSuccess: isSuccess)
        document.append(.eventCategory, "authentication")
        document.append(.eventType, isSuccess ? "start" : "info")
    }

    /// Sets `user.name` and `related.user`. Blanks and Suricata's mark of an empty name are none.
    mutating func setUser(_ node: JSONNode?) {
        guard let name = Self.text(node)?.trimmed, !name.isEmpty, !name.isEqual(to: "<empty>") else { return }
        document.set(.userName, name)
        document.append(.relatedUser, name)
    }

    /// Adds a name to `related.hosts` if it can be that of a host, and an address to `related.ip`.
    mutating func appendHost(_ node: JSONNode?) {
        if let text = Self.string(node) { appendHost(text) }
    }

    /// Adds a name to `related.hosts` if it can be that of a host, and an address to `related.ip`.
    mutating func appendHost(_ text: EncodedText) {
        let name = Self.withoutTrailingDot(text)
        if name.isHostName { document.append(.relatedHosts, name) } else { appendAddress(name) }
    }

    /// Adds an address, or each of an array, to `related.ip`, unless it stands for none (`0.0.0.0`).
    mutating func appendAddress(_ node: JSONNode?) {
        guard let node else { return }
        if let text = Self.string(node) { appendAddress(text) }
        for element in node.elements { if let text = Self.string(element) { appendAddress(text) } }
    }

    private mutating func appendAddress(_ text: EncodedText) {
        if let address = IPAddress(text), !address.isUnspecified { appendRelatedIP(text, address) }
    }

    /// Adds an address to `related.ip`.
    mutating func appendRelatedIP(_ text: EncodedText, _ address: IPAddress) { append(.relatedIP, text, address) }

    /// Gives an array field an address, unless it is there, also in another spelling: those of IPv6 have many.
    mutating func append(_ field: ECSField, _ text: EncodedText, _ address: IPAddress) {
        guard address.isIPv4 || !document.contains(field, where: { IPAddress($0) == address }) else { return }
        document.append(field, text)
    }

    /// Names the end that asks.
    mutating func setClientDomain(_ name: EncodedText) {
        document.set(sourceIsServer ? .destinationDomain : .sourceDomain, name)
        document.append(.relatedHosts, name)
    }

    /// Sets a date field to a count of seconds since the epoch; 0 stands for an unknown time.
    mutating func set(_ field: ECSField, seconds node: JSONNode?) {
        guard let seconds = Self.number(node), seconds > 0, seconds < 9_223_372_036 else { return }
        document.set(field, document.timestamp(seconds * 1_000_000_000))
    }

    /// Whether the event was sent from a port that only servers of its protocol use.
    borrowing func isSent(fromPort port: Int64) -> Bool {
        Self.number(members[.sourcePort]) == port && Self.number(members[.destinationPort]) != port
    }

    /// Whether the event was sent from a port that servers use to one that clients use, where nothing else tells them
    /// apart: below 1024 only servers listen, and from 32768 on systems choose the ports of clients.
    borrowing func isSentFromServicePort() -> Bool {
        guard let source = Self.number(members[.sourcePort]), let destination = Self.number(members[.destinationPort])
        else { return false }
        return source < 1024 && destination >= 1024 || source < 32_768 && destination >= 32_768
    }
}
