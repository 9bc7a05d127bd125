import JSON

// What fields take from the values of an event.
extension JSONNode {
    /// The text of a string; nil for everything else and for an empty string.
    @inline(__always) var encodedString: EncodedText? {
        guard kind == .string, content.count > 0 else { return nil }
        return EncodedText(content)
    }

    /// The text of a string, number or boolean; nil for everything else and for an empty string.
    @inline(__always) var encodedText: EncodedText? {
        switch kind {
        case .string, .integer, .real, .true, .false:
            let text = EncodedText(content)
            return text.isEmpty ? nil : text
        case .null, .array, .object: return nil
        }
    }

    /// A whole number from 0 to 2^63 - 1, also when it is given as text; nil for everything else.
    var wholeNumber: Int64? {
        switch kind {
        case .integer, .real, .string:
            guard let number = JSONText.wholeNumber(content), number >= 0 else { return nil }
            return number
        case .null, .true, .false, .object, .array: return nil
        }
    }
}
