import JSON

// Members of an answer, within the contract's bounds. What is not known is passed over, so that a later agent may say more.
extension JSONNode {
    /// A text for people, without control characters and cut to the contract's length.
    func text(_ name: StaticString) throws(AgentContractError) -> String {
        guard let text = self[name]?.printable else { throw AgentContractError(member: "\(name)") }
        return text.utf8.count <= AgentContract.textBytesMax
            ? text : String(decoding: text.utf8.prefix(AgentContract.textBytesMax), as: UTF8.self)
    }

    func number(_ name: StaticString) throws(AgentContractError) -> Int64 {
        guard let number = self[name]?.int64, number >= 0 else { throw AgentContractError(member: "\(name)") }
        return number
    }

    func choice<Choice: RawRepresentable>(
        _ name: StaticString
    ) throws(AgentContractError) -> Choice where Choice.RawValue == String {
        guard let choice = self[name]?.string.flatMap(Choice.init) else { throw AgentContractError(member: "\(name)") }
        return choice
    }

    /// A member that may be null or left out.
    func optional<Value>(
        _ name: StaticString, _ read: (StaticString) throws(AgentContractError) -> Value
    ) throws(AgentContractError) -> Value? {
        switch self[name]?.kind {
        case nil, .null: nil
        default: try read(name)
        }
    }

    func list<Element>(
        _ name: StaticString, countMax: Int, _ read: (JSONNode) throws(AgentContractError) -> Element
    ) throws(AgentContractError) -> [Element] {
        guard let array = self[name], array.kind == .array else { throw AgentContractError(member: "\(name)") }
        var elements: [Element] = []
        for element in array.elements {
            guard elements.count < countMax else { throw AgentContractError(member: "\(name)") }
            elements.append(try read(element))
        }
        return elements
    }

    /// Lines of a log, each as ``text(_:)``.
    func lines(_ name: StaticString, countMax: Int) throws(AgentContractError) -> [String] {
        try list(name, countMax: countMax) { node throws(AgentContractError) in
            guard let text = node.printable else { throw AgentContractError(member: "\(name)") }
            return String(decoding: text.utf8.prefix(AgentContract.textBytesMax), as: UTF8.self)
        }
    }
}
