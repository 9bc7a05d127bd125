import Glibc

/// The files of the followed output in a directory at one moment.
struct DirectoryListing: Equatable {
    /// One file.
    struct Entry: Equatable {
        var name: String
        var kind: EveNames.Kind
        var facts: FileFacts

        /// Whether the file is read for itself and not only as the rest of another.
        var isFollowed: Bool {
            switch kind {
            case .current, .dated: true
            case .rotated, .other: false
            }
        }
    }

    /// Where the files are.
    let directory: String
    private let names: EveNames
    /// Sorted by age of the last change, oldest first.
    private(set) var entries: [Entry] = []

    /// Lists the directory that a path means: the path itself, or the directory of the file that it names.
    ///
    /// - Parameter includesThreads: whether the threads' parts of a file belong to it.
    init(path: String, includesThreads: Bool) throws(FileError) {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        if let facts = try? FileFacts(path: String(path)), facts.isDirectory {
            (directory, names) = (String(path), .directory)
        } else {
            let slash = path.lastIndex(of: "/")
            directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            let name = slash.map { path[path.index(after: $0)...] } ?? path
            names = EveNames(file: String(name), includesThreads: includesThreads)
        }
        for name in try Self.names(in: directory) {
            let kind = names.kind(of: name)
            guard kind != .other else { continue }
            do throws(FileError) {
                let facts = try FileFacts(path: self.path(of: name))
                if facts.isRegular { entries.append(Entry(name: name, kind: kind, facts: facts)) }
            } catch {
                // What is missing went since the directory was read.
                if !error.isMissing { throw error }
            }
        }
        entries.sort { ($0.facts.modifiedTime, $0.name) < ($1.facts.modifiedTime, $1.name) }
    }

    /// Whether the path means the directory, not one file.
    var isOfDirectory: Bool { names == .directory }

    /// The path of a name in the directory.
    func path(of name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }

    /// The entry of that name.
    func entry(named name: String) -> Entry? {
        entries.first { $0.name == name }
    }

    /// The entry of a file, preferably one that is followed.
    func entry(of place: FilePlace) -> Entry? {
        let matching = entries.filter { $0.facts.device == place.device && $0.facts.inode == place.inode }
        return matching.first(where: \.isFollowed) ?? matching.first
    }

    /// Whether there is a file that is written instead of the one that had this name: under the same name, or a newer
    /// one in its row of dated files.
    func hasSuccessor(of name: String) -> Bool {
        let entry = entry(named: name)
        guard case .dated(let row) = names.kind(of: name) else { return entry != nil }
        guard let entry else { return entries.contains { $0.kind == .dated(row: row) } }
        return entries.contains {
            $0.kind == .dated(row: row) && $0.name != name && $0.facts.modifiedTime >= entry.facts.modifiedTime
        }
    }

    private static func names(in directory: String) throws(FileError) -> [String] {
        guard let stream = opendir(directory) else { throw FileError(path: directory, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { bytes in
                bytes.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: bytes.pointee)) {
                    String(cString: $0)
                }
            }
            names.append(name)
        }
        return names
    }
}
