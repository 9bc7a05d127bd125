import Glibc

/// Tells at once when something changes in a directory, as far as the kernel reports it.
///
/// Nothing relies on it: where inotify is missing, or a mount has replaced the directory, the regular look at the
/// files finds the same, only later.
final class DirectoryWatch {
    /// What has changed since the last look.
    struct Changes: Equatable {
        /// Files came, went or were renamed, or the kernel lost count.
        var names = false
        /// Files were written to.
        var contents = false
    }

    /// To be polled for input; -1 when the kernel has no instance left.
    let fileDescriptor: Int32
    private var watch: Int32 = -1

    private static let nameEvents = UInt32(
        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

    init() {
        fileDescriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    }

    deinit {
        if fileDescriptor >= 0 { close(fileDescriptor) }
    }

    /// Watches what the path leads to now; the same directory is not watched twice.
    func follow(_ directory: String) {
        guard fileDescriptor >= 0 else { return }
        let added = inotify_add_watch(fileDescriptor, directory, Self.nameEvents | UInt32(IN_MODIFY | IN_ONLYDIR))
        if added != watch, watch >= 0 { inotify_rm_watch(fileDescriptor, watch) }
        watch = added
    }

    /// Takes all reports that are waiting.
    func takeChanges() -> Changes {
        var changes = Changes()
        guard fileDescriptor >= 0 else { return changes }
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 8) { buffer in
            while true {
                let count = Glibc.read(fileDescriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var position = 0
                while position + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: position, as: inotify_event.self)
                    if event.mask & UInt32(IN_MODIFY) != 0 { changes.contents = true }
                    if event.mask & ~UInt32(IN_MODIFY) != 0 { changes.names = true }
                    position += MemoryLayout<inotify_event>.size + Int(event.len)
                }
            }
        }
        return changes
    }
}
