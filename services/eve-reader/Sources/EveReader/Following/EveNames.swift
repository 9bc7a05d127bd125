import Settings

/// Which files of a directory belong to the output that is followed.
struct EveNames: Equatable {
    /// What a name means to the reader.
    enum Kind: Equatable {
        /// The output itself or one thread's part of it: one file at a time has this name.
        case current
        /// One of a row of files with a date in the name (`eve-2026-02-01.json`); none is ever renamed.
        case dated(row: String)
        /// A rotated or copied file: read only as the rest of one that was followed under another name.
        case rotated
        /// Something else, or compressed.
        case other
    }

    /// What comes before the extension: `eve`.
    private let stem: String
    /// The extension with its dot: `.json`, or nothing.
    private let suffix: String
    private let includesDated: Bool
    private let includesThreads: Bool

    /// The output in a whole directory: `eve.json`, `eve.N.json` of threaded output, `eve*.json` with dates.
    static let directory = EveNames(stem: "eve", suffix: ".json", includesDated: true, includesThreads: true)

    /// The output that is called so, with the parts that threaded output gives it.
    init(file name: String, includesThreads: Bool = true) {
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
        self.init(
            stem: String(name[..<dot]), suffix: String(name[dot...]), includesDated: false,
            includesThreads: includesThreads)
    }

    private init(stem: String, suffix: String, includesDated: Bool, includesThreads: Bool) {
        self.stem = stem
        self.suffix = suffix
        self.includesDated = includesDated
        self.includesThreads = includesThreads
    }

    /// The name of the output itself.
    var output: String { stem + suffix }

    /// What the name of a directory entry means.
    func kind(of name: String) -> Kind {
        guard name.hasPrefix(stem), !ReaderSettings.compressedSuffixes.contains(where: name.hasSuffix) else {
            return .other
        }
        if name == output { return .current }
        // `evebox.json` and the like belong to somebody else.
        guard let next = name.dropFirst(stem.count).first, !next.isLetter else { return .other }
        guard name.hasSuffix(suffix), name.utf8.count > stem.utf8.count + suffix.utf8.count else { return .rotated }
        let middle = name.dropFirst(stem.count).dropLast(suffix.count)
        if includesThreads, !suffix.isEmpty, middle.first == ".", middle.dropFirst().isDecimal { return .current }
        // `eve-dns.json` is an output of its own, which may have the same events again.
        return includesDated && middle.contains(where: \.isDecimalDigit) ? .dated(row: row(name)) : .rotated
    }

    /// The name with each number replaced, so that all files of a row get the same.
    private func row(_ name: String) -> String {
        var row = ""
        for character in name {
            if !character.isDecimalDigit { row.append(character) } else if row.last != "#" { row.append("#") }
        }
        return row
    }
}

extension Character {
    fileprivate var isDecimalDigit: Bool { ("0"..."9").contains(self) }
}

extension Substring {
    fileprivate var isDecimal: Bool { !isEmpty && allSatisfy(\.isDecimalDigit) }
}
