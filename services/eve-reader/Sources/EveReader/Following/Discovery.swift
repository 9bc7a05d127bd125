import Files
import Logging

/// Finds the files of the followed output, and where their reading begins.
///
/// A scan compares the directory with what is known. A file that comes to light is *placed*: it is the rest of one that
/// was followed before, a copy of one, or new. Placing waits until the checkpoints are known, opening does not: a file
/// that is rotated away while Redis is down stays readable.
final class Discovery {
    /// A file that was opened and has not been placed.
    private struct Arrival {
        var name: String
        var kind: EveNames.Kind
        var path: String
        var file: OpenFile
        var place: FilePlace
    }

    /// The most files that are looked into to find the rest of one.
    private static let candidatesMaximum = 64
    /// The most files that are open at once. More wait until others have been read and let go.
    private static let openFilesMaximum = 256

    private let files: FollowedFiles
    private let options: FollowedFiles.Options
    private let metrics: ReaderMetrics
    private let logger: Logger

    /// Why nothing can be read, or not everything; nil when all is well.
    private(set) var obstacle: String?
    private var arrivals: [Arrival] = []
    /// Copies of files that are being read, with the size at which they were seen to be such.
    private var copies: [FilePlace: UInt64] = [:]
    private var strangers: [FileError] = []
    /// What the path is taken for once it was seen to be a file or a link. What was a file when it was met is not
    /// followed as a link that somebody puts in its place.
    private var target: DirectoryListing.Target?
    private var isFirstPlacement = true
    private var hasScanned = false

    init(_ files: FollowedFiles, metrics: ReaderMetrics, logger: Logger) {
        (self.files, options, self.metrics, self.logger) = (files, files.options, metrics, logger)
    }

    /// Whether files are open that wait for the checkpoints.
    var hasArrivals: Bool { !arrivals.isEmpty }

    /// Whether everything that the files held when they were met has been read and stored.
    var isDone: Bool {
        hasScanned && arrivals.isEmpty
            && files.cursors.allSatisfy { ($0.unreadBytes == 0 || $0.isPastFirstSize) && $0.isSettled }
    }

    /// Compares the directory with what is known.
    ///
    /// - Returns: the directory that was looked at, to be watched.
    func scan() -> String? {
        hasScanned = files.isLoaded
        let listing: DirectoryListing
        do throws(FileError) {
            listing = try DirectoryListing(
                path: options.path, includesThreads: options.includesThreads, as: target)
        } catch {
            obstacle = error.description
            // What appears later was written later.
            if files.isLoaded && error.isMissing { isFirstPlacement = false }
            return nil
        }
        if !listing.isOfDirectory { target = listing.target }
        tellStrangers(listing)
        nameCursors(listing)
        obstacle = open(listing)
        if files.isLoaded {
            place(listing)
            search(listing)
        }
        return listing.directory
    }

    /// Says once what is left alone although it has a name as the parts of the output have.
    private func tellStrangers(_ listing: DirectoryListing) {
        for stranger in listing.strangers where !strangers.contains(stranger) {
            logger.warning(
                "Something is left alone that is called as a part of the output",
                ["path": stranger.path, "reason": stranger.reason])
        }
        strangers = listing.strangers
    }

    /// Finds out what the names of the open files lead to now.
    private func nameCursors(_ listing: DirectoryListing) {
        for cursor in files.cursors {
            let entry = listing.entry(of: cursor.place)
            let hasSuccessor = listing.hasSuccessor(of: cursor.name)
            let target: FollowedName =
                switch entry?.kind {
                case .current: .own
                case .dated: hasSuccessor ? .outdated : .own
                default: hasSuccessor ? .replaced : .gone
                }
            if cursor.noteName(target, isFollowed: entry?.isFollowed ?? false) {
                metrics.rotations.add()
                logger.info("A file was rotated; its rest is read", ["path": cursor.path, "inode": cursor.place.inode])
            }
        }
    }

    /// Opens files that are not known.
    ///
    /// - Returns: what stands in the way of reading, if anything.
    private func open(_ listing: DirectoryListing) -> String? {
        var obstacle = listing.obstacle?.description
        let known = Set(files.cursors.map(\.place) + arrivals.map(\.place))
        copies = copies.filter { listing.entry(of: $0.key) != nil }
        for entry in listing.entries where entry.isFollowed {
            let place = FilePlace(boot: files.boot, device: entry.facts.device, inode: entry.facts.inode)
            guard files.cursors.count + arrivals.count < Self.openFilesMaximum else { break }
            if known.contains(place) || copies[place] == entry.facts.size || isResting(entry, listing) { continue }
            do throws(FileError) {
                let path = listing.path(of: entry.name)
                let file = try listing.open(entry)
                if try file.isCompressed() {
                    obstacle = "\(path): compressed: unpack it first"
                    continue
                }
                let facts = try file.facts()
                let place = FilePlace(boot: files.boot, device: facts.device, inode: facts.inode)
                arrivals.append(Arrival(name: entry.name, kind: entry.kind, path: path, file: file, place: place))
            } catch {
                // What is missing is gone again; the next scan tells.
                if !error.isMissing { obstacle = error.description }
            }
        }
        if obstacle == nil && files.cursors.isEmpty && arrivals.isEmpty
            && !listing.entries.contains(where: \.isFollowed)
        {
            return "\(options.path): no \(listing.isOfDirectory ? "eve.json in it" : "such file") yet"
        }
        return obstacle
    }

    /// Whether an entry is a file that was let go of and has not grown since.
    private func isResting(_ entry: DirectoryListing.Entry, _ listing: DirectoryListing) -> Bool {
        guard case .dated = entry.kind, listing.hasSuccessor(of: entry.name) else { return false }
        return files.resting.contains {
            $0.place.isAt(entry.facts, boot: files.boot) && $0.settledOffset == entry.facts.size
        }
    }

    /// Decides for each new file where its reading begins.
    private func place(_ listing: DirectoryListing) {
        for arrival in arrivals {
            do throws(FileError) {
                if try resume(arrival) { continue }
                if try follow(arrival) { continue }
                if try recogniseCopy(arrival) { continue }
                begin(arrival)
            } catch {
                logger.warning("A file cannot be read", ["path": arrival.path, "reason": error.reason])
            }
        }
        arrivals = []
        isFirstPlacement = false
        // Files that were just placed may have been renamed while they waited.
        nameCursors(listing)
    }

    /// Goes on in a file that was read before: it lies where it lay, or it has the content that was read.
    private func resume(_ arrival: Arrival) throws(FileError) -> Bool {
        for cursor in files.resting {
            let isAtPlace = cursor.place.device == arrival.place.device && cursor.place.inode == arrival.place.inode
            let mayBeIt = if case .dated = arrival.kind { true } else { cursor.name == arrival.name }
            guard isAtPlace || (mayBeIt && cursor.isTelling) else { continue }
            if try cursor.recognises(arrival.file) {
                let isCopy = !isAtPlace && cursor.name != arrival.name
                try cursor.adopt(
                    arrival.file, at: arrival.place, named: arrival.name, path: arrival.path,
                    as: isCopy ? .copied : .own)
                files.wake(cursor)
                logger.info("A file is read on", ["path": arrival.path, "offset": cursor.settledOffset])
                return true
            }
            // The number was given to another file, or the file was cut: what was read lies elsewhere, if anywhere.
            if isAtPlace { cursor.leavePlace() }
        }
        return false
    }

    /// Goes on in a file that has taken the name and holds the content of one that is being read: it was replaced by a
    /// longer copy, as file synchronisation does.
    private func follow(_ arrival: Arrival) throws(FileError) -> Bool {
        for cursor in files.cursors
        where cursor.name == arrival.name && !cursor.hasFollowedName && cursor.isTelling {
            guard try cursor.recognises(arrival.file) else { continue }
            try cursor.adopt(arrival.file, at: arrival.place, as: .own)
            return true
        }
        return false
    }

    /// Passes over a copy of a file that is being read.
    private func recogniseCopy(_ arrival: Arrival) throws(FileError) -> Bool {
        guard case .dated = arrival.kind, let head = try FileHead(of: arrival.file),
            files.cursors.contains(where: { $0.head?.isPrefixOrExtension(of: head) ?? false })
        else { return false }
        copies[arrival.place] = try arrival.file.facts().size
        return true
    }

    /// Follows a file that was never read.
    private func begin(_ arrival: Arrival) {
        let cursor = FileCursor(
            name: arrival.name, path: arrival.path, file: arrival.file, place: arrival.place, options: options)
        if options.startsAtEnd && isFirstPlacement { try? cursor.startAtEnd() }
        files.begin(cursor)
        logger.info("A file is followed", ["path": arrival.path, "inode": arrival.place.inode])
    }

    /// Looks for the files that rest: renamed while nobody looked, or copied before they were cut. What is not found
    /// although its successor is there is given up.
    private func search(_ listing: DirectoryListing) {
        for cursor in files.resting {
            let directory = cursor.path.dropLast(cursor.name.utf8.count + 1)
            guard cursor.isSettled, !cursor.needsClosing, directory == listing.directory || listing.directory == "/"
            else { continue }
            if let entry = listing.entries.first(where: { cursor.place.isAt($0.facts, boot: files.boot) }) {
                // Under a followed name it is an arrival when it grows, unless other content is read there already.
                let isTaken = files.cursors.contains { $0.place == cursor.place }
                let target: FollowedName = listing.hasSuccessor(of: cursor.name) ? .replaced : .gone
                if !isTaken && (entry.isFollowed || adopt(entry, listing, by: cursor, as: target)) { continue }
                cursor.leavePlace()
            }
            let candidates = listing.entries.reversed().filter { entry in
                cursor.isTelling && entry.facts.size >= cursor.settledOffset
                    && !files.cursors.contains { $0.place.isAt(entry.facts, boot: files.boot) }
            }
            if candidates.prefix(Self.candidatesMaximum).contains(where: { adopt($0, listing, by: cursor, as: .copied) }
            ) {
                continue
            }
            if listing.hasSuccessor(of: cursor.name) { files.giveUp(cursor) }
        }
        nameCursors(listing)
    }

    private func adopt(
        _ entry: DirectoryListing.Entry, _ listing: DirectoryListing, by cursor: FileCursor, as target: FollowedName
    ) -> Bool {
        let path = listing.path(of: entry.name)
        guard let file = try? listing.open(entry), let facts = try? file.facts(),
            (try? cursor.recognises(file)) == true
        else { return false }
        let place = FilePlace(boot: files.boot, device: facts.device, inode: facts.inode)
        guard (try? cursor.adopt(file, at: place, as: target)) != nil else { return false }
        copies[place] = nil
        files.wake(cursor)
        logger.info("The rest of a file is read under another name", ["path": cursor.path, "found": path])
        return true
    }
}

extension OpenFile {
    /// How archives begin: gzip, xz, zstd, lz4, bzip2, zip.
    private static let compressedFronts: [[UInt8]] = [
        [0x1F, 0x8B], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD], [0x04, 0x22, 0x4D, 0x18],
        Array("BZh".utf8), [0x50, 0x4B, 0x03, 0x04],
    ]

    /// Whether the file begins as archives of the usual compressors do.
    fileprivate func isCompressed() throws(FileError) -> Bool {
        let front = try bytes(at: 0, count: 6)
        return Self.compressedFronts.contains { front.starts(with: $0) }
    }
}
