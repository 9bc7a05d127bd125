/// The rules in their packed form: a line each, its kind (`=` suffix, `*` any label below it, `!` exception) in front,
/// the name in lower case and, where it has letters outside of ASCII, in Punycode.
struct PackedRules {
    private var lines: [String] = []

    var count: Int { lines.count }

    /// Reads the list as published: a rule ends at the first white space, `//` starts a comment.
    init(list: String) {
        for line in list.split(whereSeparator: \.isNewline) {
            guard let rule = line.split(whereSeparator: \.isWhitespace).first, !rule.hasPrefix("//") else { continue }
            if rule.hasPrefix("*.") {
                lines.append("*" + Self.ascii(rule.dropFirst(2)))
            } else if rule.hasPrefix("!") {
                lines.append("!" + Self.ascii(rule.dropFirst()))
            } else {
                lines.append("=" + Self.ascii(rule))
            }
        }
    }

    /// A Swift source with the rules as one constant.
    var swiftSource: String {
        """
        // Made by public-suffix-packer from Debian's public suffix list; not to be edited.
        enum PackedPublicSuffixes {
            static let count = \(lines.count)
            static let rules: StaticString = \"\"\"
        \(lines.map { "    " + $0 }.joined(separator: "\n"))

            \"\"\"
        }

        """
    }

    private static func ascii(_ name: Substring) -> String {
        name.lowercased().split(separator: ".").map(Punycode.label).joined(separator: ".")
    }
}
