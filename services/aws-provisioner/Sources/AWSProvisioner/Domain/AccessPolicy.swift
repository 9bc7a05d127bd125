import JSON

/// The policy that says who may send requests to a domain.
enum AccessPolicy {
    /// One for a few principals alone, who may do everything that is not about the domain as a whole; what each may do inside
    /// is a matter of its roles there.
    ///
    /// - Parameters:
    ///   - principals: the ARNs of roles or users, at least one.
    ///   - domain: the ARN of the domain.
    static func text(for principals: [String], on domain: String) -> String {
        JSONWriter.objectText { json in
            json.member("Version", "2012-10-17")
            json.array("Statement") { write(principals, on: domain, to: &$0) }
        }
    }

    /// A policy that lets in a few principals beside all whom it lets in already; itself when it does so.
    ///
    /// - Parameters:
    ///   - policy: the one that a domain has; nil for none.
    static func text(_ policy: String?, with principals: [String], on domain: String) -> String {
        let statements = policy.flatMap { policy in
            JSONNode.reading(Array(policy.utf8)) { root in
                (root["Statement"]?.elementsOrItself ?? []).map { (raw: Array($0.raw), admitted: admitted($0)) }
            }
        }
        guard let policy, let statements, !statements.isEmpty else { return text(for: principals, on: domain) }
        let inside = statements.flatMap(\.admitted)
        let missing = principals.filter { !inside.contains($0) && !inside.contains("*") }
        if missing.isEmpty { return policy }
        return JSONWriter.objectText { json in
            json.member("Version", "2012-10-17")
            json.array("Statement") { json in
                for statement in statements { json.json(statement.raw) }
                write(missing, on: domain, to: &json)
            }
        }
    }

    /// Whom a statement lets do all that is not about the domain as a whole.
    private static func admitted(_ statement: JSONNode) -> [String] {
        let actions = statement["Action"]?.elementsOrItself.compactMap(\.string) ?? []
        guard statement["Effect"]?.string == "Allow", statement["Condition"] == nil,
            actions.contains(where: ["es:ESHttp*", "es:*", "*"].contains)
        else { return [] }
        return principals(of: statement)
    }

    private static func principals(of statement: JSONNode) -> [String] {
        let principal = statement["Principal"]
        return (principal?["AWS"] ?? principal)?.elementsOrItself.compactMap(\.string) ?? []
    }

    private static func write(_ principals: [String], on domain: String, to json: inout JSONWriter) {
        json.object { json in
            json.member("Effect", "Allow")
            json.object("Principal") { json in
                if principals.count == 1 {
                    json.member("AWS", principals[0])
                } else {
                    json.member("AWS", principals)
                }
            }
            json.member("Action", "es:ESHttp*")
            json.member("Resource", "\(domain)/*")
        }
    }

    /// Who a policy lets in, for people.
    static func summary(of policy: String) -> String {
        let principals = JSONNode.reading(Array(policy.utf8)) { root in
            var found: [String] = []
            for statement in root["Statement"]?.elementsOrItself ?? [] {
                let hasCondition = statement["Condition"] != nil
                found += Self.principals(of: statement).map {
                    ($0 == "*" ? "everybody" : $0) + (hasCondition ? ", on a condition" : "")
                }
            }
            return found
        }
        guard let principals, !principals.isEmpty else { return "one of its own" }
        return principals.joined(separator: ", ")
    }

    /// Whether two policies say the same, in whatever order their members are and whether or not one thing alone is in a
    /// list: AWS writes policies anew.
    static func areSame(_ one: String, _ other: String) -> Bool {
        guard let left = normalForm(one), let right = normalForm(other) else { return one == other }
        return left == right
    }

    private static func normalForm(_ policy: String) -> [UInt8]? {
        JSONNode.reading(Array(policy.utf8), normalForm)
    }

    private static func normalForm(_ node: JSONNode) -> [UInt8] {
        var json = JSONWriter()
        switch node.kind {
        case .object:
            let members = node.members.map { (key: $0.key.string ?? "", value: normalForm($0.value)) }
            json.object { json in
                for member in members.sorted(by: { $0.key < $1.key }) {
                    json.name(member.key)
                    json.json(member.value)
                }
            }
        case .array:
            if let element = node.onlyElement { return normalForm(element) }
            let elements = node.elements.map(normalForm).sorted { $0.lexicographicallyPrecedes($1) }
            json.array { json in for element in elements { json.json(element) } }
        default: return Array(node.raw)
        }
        return json.bytes
    }
}

extension JSONNode {
    /// The elements of an array, or a value that stands where it has only one.
    var elementsOrItself: [JSONNode] { kind == .array ? Array(elements) : [self] }
}
