import JSON

/// The places of secrets, found member by member on the way down into an event.
final class SecretTree {
    /// The names of `members`.
    let names: [String]
    let members: [SecretTree]
    private let keys: JSONKeyTable
    /// What the elements of an array are.
    private let elements: SecretTree?
    /// What the members are that have no name here.
    private let others: SecretTree?
    /// What may be secret about a value that stands here.
    private let places: [SecretPlace]

    /// The tree of all places.
    convenience init(_ places: [SecretPlace], hash: JSONKeyHash) {
        self.init(places.map { (Self.steps($0.path)[...], $0) }, hash: hash)
    }

    private init(_ paths: [(steps: ArraySlice<String>, place: SecretPlace)], hash: JSONKeyHash) {
        places = paths.filter(\.steps.isEmpty).map(\.place)
        var nexts: [(step: String, paths: [(steps: ArraySlice<String>, place: SecretPlace)])] = []
        for (steps, place) in paths {
            guard let step = steps.first else { continue }
            let rest = (steps.dropFirst(), place)
            if let index = nexts.firstIndex(where: { $0.step == step }) {
                nexts[index].paths.append(rest)
            } else {
                nexts.append((step, [rest]))
            }
        }
        let named = nexts.filter { $0.step != Self.element && $0.step != Self.other }
        names = named.map(\.step)
        keys = JSONKeyTable(names, hash: hash)
        members = named.map { SecretTree($0.paths, hash: hash) }
        elements = nexts.first { $0.step == Self.element }.map { SecretTree($0.paths, hash: hash) }
        others = nexts.first { $0.step == Self.other }.map { SecretTree($0.paths, hash: hash) }
    }

    private static let element = "[]"
    private static let other = "*"

    /// `pop3.request.args[]` as `pop3`, `request`, `args`, `[]`.
    private static func steps(_ path: String) -> [String] {
        path.split(separator: ".").flatMap { step in
            step.hasSuffix(element) ? [String(step.dropLast(element.count)), element] : [String(step)]
        }
    }

    /// Calls `use` with each value below `value` that stands in a secret place.
    /// - Parameters:
    ///   - key: the key of the member that the value is or belongs to; nil at the top.
    ///   - object: what holds the value.
    ///   - position: which element of an array the value is; 0 outside of arrays.
    func forEachSecret(
        _ value: JSONNode, key: JSONNode? = nil, in object: JSONNode, position: Int = 0,
        _ use: (_ value: JSONNode, _ key: JSONNode?, _ object: JSONNode, _ form: SecretPlace.Form) -> Void
    ) {
        if let index = places.firstIndex(where: { $0.applies(in: object, position: position) }) {
            use(value, key, object, places[index].form)
        }
        if let elements {
            for (position, element) in value.elements.enumerated() {
                elements.forEachSecret(
                    element, key: key, in: element.kind == .object ? element : object, position: position, use)
            }
        }
        guard !members.isEmpty || others != nil else { return }
        for member in value.members {
            if let index = keys.find(member.key) {
                members[index].forEachSecret(member.value, key: member.key, in: value, use)
            } else if let others {
                others.forEachSecret(member.value, key: member.key, in: value, use)
            }
        }
    }
}

extension SecretPlace {
    fileprivate func applies(in object: JSONNode, position: Int) -> Bool {
        guard position >= skipped else { return false }
        guard let sibling else { return true }
        guard let text = object[sibling], text.kind == .string else { return false }
        return values.contains { EncodedText(text.content).isEqual(toLowercase: $0) }
    }
}
