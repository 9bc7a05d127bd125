import Files
import Glibc

/// The files of the followed output in a directory at one moment.
struct DirectoryListing: Equatable {
    /// One file.
    struct Entry: Equatable {
        var name: String
        var kind: EveNames.Kind
        var facts: FileFacts
        /// Whether the path is a symbolic link that stands for the file.
        var isLink: Bool

        /// Whether the file is read for itself and not only as the rest of another.
        var isFollowed: Bool {
            switch kind {
            case .current, .dated: true
            case .rotated, .other: false
            }
        }
    }

    /// What the configured path is.
    enum Target {
        /// A directory, whose output is followed.
        case directory
        /// A file, or nothing yet.
        case file
        /// A symbolic link that stands for a file.
        case link

        /// What a path is now; nil when it leads to nothing.
        init?(path: String) {
            guard let own = try? FileFacts(path: path, followsLink: false) else { return nil }
            let isDirectory = (try? FileFacts(path: path))?.kind == .folder
            self = isDirectory ? .directory : own.kind == .link ? .link : .file
        }
    }

    /// Where the files are.
    let directory: String
    /// What the configured path was taken for; nil when it leads to nothing.
    let target: Target?
    /// Why the output itself cannot be read: something else stands in its place.
    private(set) var obstacle: FileError?
    /// What has a name as the other parts of the output have, and is no regular file; the first of them.
    private(set) var strangers: [FileError] = []
    private let names: EveNames
    private static let strangersMaximum = 16
    /// The most files of the output in one directory: half a year of one that is rotated each minute.
    private static let namesMaximum = 1 << 18
    /// Sorted by age of the last change, oldest first.
    private(set) var entries: [Entry] = []

    /// Lists the directory that a path means: the path itself, or the directory of the file that it names.
    ///
    /// A symbolic link is taken for a file only where it is the configured path itself. Whoever may write to the
    /// directory could lead the reader to any other file by one.
    ///
    /// - Parameters:
    ///   - includesThreads: whether the threads' parts of a file belong to it.
    ///   - known: what the path is to be taken for, if that is settled.
    init(path: String, includesThreads: Bool, as known: Target? = nil) throws(FileError) {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        target = known ?? Target(path: String(path))
        if target == .directory {
            (directory, names) = (String(path), .directory)
        } else {
            let slash = path.lastIndex(of: "/")
            directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            let name = slash.map { path[path.index(after: $0)...] } ?? path
            names = EveNames(file: String(name), includesThreads: includesThreads)
        }
        let names = names
        for name in try Folder.names(
            in: directory, namesMax: Self.namesMaximum, where: { names.kind(of: $0) != .other })
        {
            let kind = names.kind(of: name)
            do throws(FileError) {
                let path = self.path(of: name)
                let isLink = target == .link && name == names.output
                let facts = try FileFacts(path: path, followsLink: isLink)
                let entry = Entry(name: name, kind: kind, facts: facts, isLink: isLink)
                if facts.kind == .regular {
                    entries.append(entry)
                } else if entry.isFollowed, !(facts.kind == .link && leadsToOwn(path)) {
                    let stranger = FileError(path, .read, .notRegular(facts.kind))
                    if name == names.output {
                        obstacle = stranger
                    } else if strangers.count < Self.strangersMaximum {
                        strangers.append(stranger)
                    }
                }
            } catch {
                // What is missing went since the directory was read.
                if !error.isMissing { throw error }
            }
        }
        entries.sort { ($0.facts.modifiedTime, $0.name) < ($1.facts.modifiedTime, $1.name) }
    }

    /// Whether the path means the directory, not one file.
    var isOfDirectory: Bool { target == .directory }

    /// The path of a name in the directory.
    func path(of name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }

    /// Opens the file of an entry. It may be another one than was listed.
    func open(_ entry: Entry) throws(FileError) -> OpenFile {
        try OpenFile(regular: path(of: entry.name), followsLink: entry.isLink)
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

    /// Whether a link leads to a file of the directory that is followed under its own name, so that it keeps nothing back.
    private func leadsToOwn(_ link: String) -> Bool {
        guard let target = realpath(link, nil) else { return false }
        defer { free(target) }
        guard let folder = realpath(directory, nil) else { return false }
        defer { free(folder) }
        let prefix = String(cString: folder) == "/" ? "/" : String(cString: folder) + "/"
        let path = String(cString: target)
        let name = path.dropFirst(prefix.count)
        guard path.hasPrefix(prefix), !name.contains("/") else { return false }
        switch names.kind(of: String(name)) {
        case .current, .dated: return true
        case .rotated, .other: return false
        }
    }
}
