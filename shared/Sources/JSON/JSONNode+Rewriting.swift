extension JSONNode {
    /// Appends this value's text without the members that a later one of the same key supersedes, and without white
    /// space between tokens.
    public func appendWithoutDuplicates(to output: inout [UInt8]) {
        switch kind {
        case .object:
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in members {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                output.append(contentsOf: member.key.raw)
                output.append(UInt8(ascii: ":"))
                member.value.appendWithoutDuplicates(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        case .array:
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                element.appendWithoutDuplicates(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        default:
            output.append(contentsOf: raw)
        }
    }
}
