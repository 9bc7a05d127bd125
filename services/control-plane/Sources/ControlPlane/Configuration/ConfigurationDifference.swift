import Configuration
import Logging

/// What is different in a configuration after a change: key by key, and line by line.
struct ConfigurationDifference: Sendable {
    /// A key that has got another value, or none. Secrets have masks.
    struct Key: Sendable, Equatable {
        let name: String
        let before: String?
        let after: String?
    }

    /// A line of the text, with masks.
    struct Line: Sendable, Equatable {
        enum Kind: String, Sendable, CaseIterable {
            case same, removed, added
            /// Lines that are the same and left out.
            case gap
        }

        let kind: Kind
        let text: String
    }

    let keys: [Key]
    let lines: [Line]

    private static let contextLines = 3
    /// Beyond it, lines are not compared one by one but replaced as a whole.
    private static let comparedLinesMax = 1_000

    init(from old: ConfigurationText, to new: ConfigurationText) {
        keys = Self.keys(from: old, to: new).map { name in
            func shown(_ text: ConfigurationText) -> String? {
                text[name].map { MaskedText.isOpen(name) || $0.isEmpty ? $0 : Secret.mask }
            }
            return Key(name: name, before: shown(old), after: shown(new))
        }
        lines = Self.withGaps(Self.compared(Self.lines(of: old), Self.lines(of: new)))
    }

    /// The names of the keys that have got another value, or none.
    static func keys(from old: ConfigurationText, to new: ConfigurationText) -> [String] {
        Set(old.names).union(new.names).filter { old[$0] != new[$0] }.sorted()
    }

    private static func lines(of text: ConfigurationText) -> [String] {
        var lines = (MaskedText.mask(text) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private static func compared(_ old: [String], _ new: [String]) -> [Line] {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let end = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed()).prefix { $0 == $1 }.count
        let (from, to) = (Array(old[start..<old.count - end]), Array(new[start..<new.count - end]))
        var middle: [Line] = []
        if from.count > comparedLinesMax || to.count > comparedLinesMax {
            middle = from.map { Line(kind: .removed, text: $0) } + to.map { Line(kind: .added, text: $0) }
        } else {
            let changes = to.difference(from: from)
            var removed = Set<Int>(), added = Set<Int>()
            for change in changes {
                switch change {
                case .remove(let offset, _, _): removed.insert(offset)
                case .insert(let offset, _, _): added.insert(offset)
                }
            }
            var (i, j) = (0, 0)
            while i < from.count || j < to.count {
                if removed.contains(i) {
                    middle.append(Line(kind: .removed, text: from[i]))
                    i += 1
                } else if added.contains(j) {
                    middle.append(Line(kind: .added, text: to[j]))
                    j += 1
                } else {
                    middle.append(Line(kind: .same, text: from[i]))
                    (i, j) = (i + 1, j + 1)
                }
            }
        }
        let same = { (lines: ArraySlice<String>) in lines.map { Line(kind: .same, text: $0) } }
        return same(old[..<start]) + middle + same(old[(old.count - end)...])
    }

    /// Leaves out what is far from every change.
    private static func withGaps(_ lines: [Line]) -> [Line] {
        let changed = lines.indices.filter { lines[$0].kind != .same }
        guard let first = changed.first, let last = changed.last else { return [] }
        var near = Set<Int>()
        for index in changed {
            near.formUnion(max(0, index - contextLines)...min(lines.count - 1, index + contextLines))
        }
        var result: [Line] = []
        for index in max(0, first - contextLines)...min(lines.count - 1, last + contextLines) {
            if near.contains(index) {
                result.append(lines[index])
            } else if result.last?.kind != .gap {
                result.append(Line(kind: .gap, text: ""))
            }
        }
        return result
    }
}
