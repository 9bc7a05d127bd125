/// The paths of a route: `/events/{id}/comments`, or `/assets/{path...}` for all below `/assets/`.
struct PathPattern: Sendable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case literal(String)
        /// Any one non-empty segment.
        case parameter
        /// The rest of the path.
        case rest
    }

    let description: String
    let segments: [Segment]
    /// The names of the parameters, in order.
    let names: [String]

    /// A malformed pattern is a programmer error.
    init(_ text: String) {
        precondition(text.hasPrefix("/"), "the pattern \(text) does not begin with /")
        var names: [String] = []
        segments = Self.split(text).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(String(segment)) }
            let name = segment.dropFirst().dropLast()
            let isRest = name.hasSuffix("...")
            names.append(String(isRest ? name.dropLast(3) : name))
            return isRest ? .rest : .parameter
        }
        precondition(!segments.dropLast().contains(.rest), "{…...} is not the end of the pattern \(text)")
        description = text
        self.names = names
    }

    /// The values of the pattern's parameters.
    ///
    /// - Parameter path: segments of a path that matches the pattern.
    func parameters(of path: [Substring]) -> [String: String] {
        var values: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .literal: continue
            case .parameter: values[names[values.count]] = String(path[index])
            case .rest: values[names[values.count]] = path[index...].joined(separator: "/")
            }
        }
        return values
    }

    /// The segments of a path; a `/` at the end makes an empty one. To people a `/` and a combining mark behind it are one
    /// character, to a path they are two.
    static func split(_ path: String) -> [Substring] {
        path.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Substring.init)
    }
}
