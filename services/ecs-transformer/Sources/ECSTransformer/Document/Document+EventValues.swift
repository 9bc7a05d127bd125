import EventContract
import JSON
import Networks

// Fields from values of the event. A value that does not have the form of the field leaves it as it is.
extension Document {
    /// Sets a text field to what a string, number or boolean holds.
    mutating func set(_ field: ECSField, _ node: JSONNode?) {
        if let text = text(node) { set(field, text) }
    }

    /// Gives an array field the text of a string, number or boolean, or of each that an array holds.
    mutating func append(_ field: ECSField, _ node: JSONNode?) {
        guard let node else { return }
        if node.kind == .array {
            for element in node.elements { if let text = text(element) { append(field, text) } }
        } else if let text = text(node) {
            append(field, text)
        }
    }

    /// Sets a text field to a string in lower case.
    mutating func set(_ field: ECSField, lowercase node: JSONNode?) {
        if let text = node?.encodedText { set(field, lowercased(text)) }
    }

    /// Sets a number field to a whole number from 0 to 2^63 - 1, also when it is given as text.
    mutating func set(_ field: ECSField, number node: JSONNode?) {
        guard let node else { return }
        // A number with fewer digits than the largest one is written as it is, without being read.
        if node.kind == .integer, node.content.count < 19, node.content[0] != UInt8(ascii: "-") {
            set(field, json: EncodedText(node.content))
        } else if let number = node.wholeNumber {
            set(field, integer: number)
        }
    }

    /// Sets a date field to a time, in UTC with microseconds.
    mutating func set(_ field: ECSField, date node: JSONNode?) {
        guard let node, let time = EventTime.parse(node) else { return }
        set(field, timestamp(time, written: EncodedText(node.content)))
    }

    /// Sets a date field to a count of seconds since the epoch; 0 stands for an unknown time.
    mutating func set(_ field: ECSField, seconds node: JSONNode?) {
        guard let seconds = node?.wholeNumber, seconds > 0, seconds < 9_223_372_036 else { return }
        set(field, timestamp(seconds * 1_000_000_000))
    }

    /// The text of a string, number or boolean, with the digits alone of a whole number: `2` for `2.0`. Nil for everything
    /// else and for an empty string.
    @inline(__always)
    mutating func text(_ node: JSONNode?) -> EncodedText? {
        if let node, node.kind == .real, let number = node.wholeNumber { return digits(of: number) }
        return node?.encodedText
    }

    /// Gives an array field an address, unless it has it already, also in another spelling: IPv6 addresses have many.
    mutating func append(_ field: ECSField, _ text: EncodedText, _ address: IPAddress) {
        guard address.isIPv4 || !contains(field, where: { IPAddress($0) == address }) else { return }
        append(field, text)
    }
}
