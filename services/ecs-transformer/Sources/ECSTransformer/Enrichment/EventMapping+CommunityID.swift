import JSON

extension EventMapping {
    /// Takes over the id of the connection that Suricata has computed, else computes it.
    mutating func mapCommunityID(_ addresses: Addresses?) {
        if let text = event[.communityID]?.encodedString, text.isCommunityID {
            return document.set(.networkCommunityID, text)
        }
        guard let (source, destination) = addresses, let transport,
            let connection = CommunityID.Connection(
                source: source, destination: destination, transport: transport,
                ports: pair(event[.sourcePort], event[.destinationPort]),
                icmp: pair(event[.icmpType], event[.icmpCode]))
        else { return }
        let text = document.arena.allocate(CommunityID.textCount)
        enrichment.communityID.write(connection, to: text)
        document.set(.networkCommunityID, EncodedText(text, count: CommunityID.textCount))
    }

    /// Two numbers, if both are there and fit.
    private func pair<Number: FixedWidthInteger>(_ one: JSONNode?, _ other: JSONNode?) -> (Number, Number)? {
        guard let one = one?.wholeNumber.flatMap(Number.init(exactly:)),
            let other = other?.wholeNumber.flatMap(Number.init(exactly:))
        else { return nil }
        return (one, other)
    }
}

extension EncodedText {
    /// Whether the text has the form of a community id of version 1: a SHA-1 in base 64.
    fileprivate var isCommunityID: Bool {
        count == CommunityID.textCount && hasPrefix("1:") && bytes[count - 1] == UInt8(ascii: "=")
            && Base64.isDigits(part(from: 2, to: count - 1).buffer)
    }
}
