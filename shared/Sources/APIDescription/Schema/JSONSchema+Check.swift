import JSON

/// The first value of a JSON text that does not match its schema.
struct SchemaError: Error, Equatable {
    /// Where: a JSON pointer.
    let pointer: String
    /// What it must be.
    let expectation: String
}

extension JSONSchema {
    /// - Throws: ``SchemaError`` with the first value that does not match.
    func check(_ node: JSONNode, at pointer: String = "") throws(SchemaError) {
        let isRight: Bool
        switch self {
        case .any: isRight = true
        case .boolean: isRight = node.bool != nil
        case .number: isRight = node.double != nil
        case .integer(let bounds):
            isRight = node.kind == .integer && (node.int64.map { bounds.contains(Int($0)) } ?? false)
        case .text(let bytesMax, _): isRight = node.string.map { $0.utf8.count <= bytesMax ?? .max } ?? false
        case .choice(let texts): isRight = node.string.map(texts.contains) ?? false
        case .array(let element, let countMax):
            guard node.kind == .array else { throw fault(pointer) }
            var count = 0
            for value in node.elements {
                try element.check(value, at: "\(pointer)/\(count)")
                count += 1
            }
            isRight = count <= countMax ?? .max
        case .dictionary(let value):
            guard node.kind == .object else { throw fault(pointer) }
            for member in node.members { try value.check(member.value, at: Self.below(pointer, member.key)) }
            isRight = true
        case .object(let members, let isOpen):
            guard node.kind == .object else { throw fault(pointer) }
            try check(node, members, isOpen, pointer)
            isRight = true
        case .nullable(let schema):
            if node.kind == .null { return }
            return try schema.check(node, at: pointer)
        case .named(_, let schema): return try schema.check(node, at: pointer)
        }
        if !isRight { throw fault(pointer) }
    }

    private func check(
        _ node: JSONNode, _ members: [Member], _ isOpen: Bool, _ pointer: String
    ) throws(SchemaError) {
        var seen: Set<String> = []
        for (key, value) in node.members {
            let place = Self.below(pointer, key)
            let name = key.string ?? ""
            seen.insert(name)
            if let member = members.first(where: { $0.name == name }) {
                try member.schema.check(value, at: place)
            } else if !isOpen {
                throw SchemaError(pointer: place, expectation: "be left out: it is not known")
            }
        }
        if let missing = members.first(where: { $0.isRequired && !seen.contains($0.name) }) {
            throw SchemaError(pointer: "\(pointer)/\(missing.name)", expectation: "be there")
        }
    }

    private func fault(_ pointer: String) -> SchemaError {
        SchemaError(pointer: pointer, expectation: "be \(words)")
    }

    /// What a value must be, for people.
    var words: String {
        switch self {
        case .any: "a value"
        case .boolean: "true or false"
        case .number: "a number"
        case .integer(let bounds):
            switch (bounds.lowerBound, bounds.upperBound) {
            case (.min, .max): "a whole number"
            case (let least, .max): "a whole number from \(least)"
            case (.min, let most): "a whole number up to \(most)"
            case (let least, let most): "a whole number from \(least) to \(most)"
            }
        case .text(nil, let format): format.map { "a text of the form \($0)" } ?? "a text"
        case .text(let bytesMax?, _): "a text of at most \(bytesMax) bytes"
        case .choice(let texts): "one of \(texts.joined(separator: ", "))"
        case .array(let element, let countMax):
            "an array\(countMax.map { " of at most \($0)" } ?? ""), each \(element.words)"
        case .object, .dictionary: "an object"
        case .nullable(let schema): "\(schema.words) or null"
        case .named(_, let schema): schema.words
        }
    }

    private static func below(_ pointer: String, _ key: JSONNode) -> String {
        let name = (key.string ?? "").split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
        return "\(pointer)/\(name.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1"))"
    }
}
