import Files
import Logging

extension FollowedFiles {
    /// The most files that are looked into to find the rest of one.
    private static let candidatesMaximum = 64
    /// The most files that are open at once. More wait until others have been read and let go.
    private static let openFilesMaximum = 256

    /// Finds out what the names of the open files lead to now.
    func nameCursors(_ listing: DirectoryListing) {
        for cursor in cursors {
            let entry = listing.entry(of: cursor.place)
            cursor.hasFollowedName = entry?.isFollowed ?? false
            guard cursor.nameTarget != .copied else { continue }
            let before = cursor.nameTarget
            let hasSuccessor = listing.hasSuccessor(of: cursor.name)
            cursor.nameTarget =
                switch entry?.kind {
                case .current: .own
                case .dated: hasSuccessor ? .outdated : .own
                default: hasSuccessor ? .replaced : .gone
                }
            if cursor.nameTarget == .replaced && before != .replaced {
                metrics.rotations.add()
                logger.info("A file was rotated; its rest is read", ["path": cursor.path, "inode": cursor.place.inode])
            }
        }
    }

    /// Opens files that are not known.
    ///
    /// - Returns: what stands in the way of reading, if anything.
    func open(_ listing: DirectoryListing) -> String? {
        var obstacle = listing.obstacle?.description
        let known = Set(cursors.map(\.place) + arrivals.map(\.place))
        copies = copies.filter { listing.entry(of: $0.key) != nil }
        for entry in listing.entries where entry.isFollowed {
            let place = FilePlace(boot: boot, device: entry.facts.device, inode: entry.facts.inode)
            guard cursors.count + arrivals.count < Self.openFilesMaximum else { break }
            if known.contains(place) || copies[place] == entry.facts.size || isResting(entry, listing) { continue }
            do throws(FileError) {
                let path = listing.path(of: entry.name)
                let file = try listing.open(entry)
                if try file.isCompressed() {
                    obstacle = "\(path): compressed: unpack it first"
                    continue
                }
                let facts = try file.facts()
                let place = FilePlace(boot: boot, device: facts.device, inode: facts.inode)
                arrivals.append(Arrival(name: entry.name, kind: entry.kind, path: path, file: file, place: place))
            } catch {
                // What is missing is gone again; the next scan tells.
                if !error.isMissing { obstacle = error.description }
            }
        }
        if obstacle == nil && cursors.isEmpty && arrivals.isEmpty && !listing.entries.contains(where: \.isFollowed) {
            return "\(options.path): no \(listing.isOfDirectory ? "eve.json in it" : "such file") yet"
        }
        return obstacle
    }

    /// Whether an entry is a file that was let go of and has not grown since.
    private func isResting(_ entry: DirectoryListing.Entry, _ listing: DirectoryListing) -> Bool {
        guard case .dated = entry.kind, listing.hasSuccessor(of: entry.name) else { return false }
        return resting.contains { $0.place.isAt(entry.facts, boot: boot) && $0.settledOffset == entry.facts.size }
    }

    /// Decides for each new file where its reading begins.
    func place(_ listing: DirectoryListing) {
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
        endPlacement()
        // Files that were just placed may have been renamed while they waited.
        nameCursors(listing)
    }

    /// Goes on in a file that was read before: it lies where it lay, or it has the content that was read.
    private func resume(_ arrival: Arrival) throws(FileError) -> Bool {
        for cursor in resting {
            let isAtPlace = cursor.place.device == arrival.place.device && cursor.place.inode == arrival.place.inode
            let mayBeIt = if case .dated = arrival.kind { true } else { cursor.name == arrival.name }
            guard isAtPlace || (mayBeIt && cursor.isTelling) else { continue }
            if try cursor.recognises(arrival.file) {
                resting.removeAll { $0 === cursor }
                let isCopy = !isAtPlace && cursor.name != arrival.name
                try cursor.adopt(
                    arrival.file, at: arrival.place, named: arrival.name, path: arrival.path,
                    as: isCopy ? .copied : .own)
                add(cursor)
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
        for cursor in cursors
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
            cursors.contains(where: { $0.head?.isPrefixOrExtension(of: head) ?? false })
        else { return false }
        copies[arrival.place] = try arrival.file.facts().size
        return true
    }

    /// Looks for the files that rest: renamed while nobody looked, or copied before they were cut. What is not found
    /// although its successor is there is given up.
    func search(_ listing: DirectoryListing) {
        for cursor in resting {
            let directory = cursor.path.dropLast(cursor.name.utf8.count + 1)
            guard cursor.isSettled, cursor.closing == nil, directory == listing.directory || listing.directory == "/"
            else { continue }
            if let entry = listing.entries.first(where: { cursor.place.isAt($0.facts, boot: boot) }) {
                // Under a followed name it is an arrival when it grows, unless other content is read there already.
                let isTaken = cursors.contains { $0.place == cursor.place }
                let target: FollowedName = listing.hasSuccessor(of: cursor.name) ? .replaced : .gone
                if !isTaken && (entry.isFollowed || adopt(entry, listing, by: cursor, as: target)) { continue }
                cursor.leavePlace()
            }
            let candidates = listing.entries.reversed().filter { entry in
                cursor.isTelling && entry.facts.size >= cursor.settledOffset
                    && !cursors.contains { $0.place.isAt(entry.facts, boot: boot) }
            }
            if candidates.prefix(Self.candidatesMaximum).contains(where: { adopt($0, listing, by: cursor, as: .copied) }
            ) {
                continue
            }
            if listing.hasSuccessor(of: cursor.name) { giveUp(cursor) }
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
        let place = FilePlace(boot: boot, device: facts.device, inode: facts.inode)
        guard (try? cursor.adopt(file, at: place, as: target)) != nil else { return false }
        resting.removeAll { $0 === cursor }
        copies[place] = nil
        add(cursor)
        logger.info("The rest of a file is read under another name", ["path": cursor.path, "found": path])
        return true
    }

    /// Forgets a file that is gone, and counts what of it was not read.
    private func giveUp(_ cursor: FileCursor) {
        resting.removeAll { $0 === cursor }
        forgotten.append(cursor)
        let bytes = cursor.unsettledBytes
        guard bytes > 0 else { return }
        if cursor.place.boot == boot {
            losses.append(Loss(cause: .removal, bytes: bytes))
            metrics.lostBytes.add(bytes)
            logger.warning("A file went away before it was read to its end", ["path": cursor.path, "bytes": bytes])
        } else {
            losses.append(Loss(cause: .reboot, bytes: bytes))
            metrics.unreadAtRebootBytes.add(bytes)
            logger.warning("The machine went down before a file was read", ["path": cursor.path, "bytes": bytes])
        }
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
