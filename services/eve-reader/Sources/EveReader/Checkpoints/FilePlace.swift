import Files

/// Where a file lies. Device and inode repeat after a RAM disk was mounted anew, so the boot belongs to it.
struct FilePlace: Hashable, CustomStringConvertible {
    /// The kernel's id of the boot; all processes and containers of a machine see the same.
    var boot: String
    /// `st_dev`.
    var device: UInt64
    /// `st_ino`.
    var inode: UInt64

    var description: String { "\(boot):\(device):\(inode)" }

    /// Whether these are the facts of the file that lies here in this boot.
    func isAt(_ facts: FileFacts, boot: String) -> Bool {
        self.boot == boot && device == facts.device && inode == facts.inode
    }

    /// The id of this boot; `-` where the kernel does not tell.
    static func currentBoot(path: String = "/proc/sys/kernel/random/boot_id") -> String {
        guard let bytes = try? OpenFile(path).bytes(at: 0, count: 36), bytes.count == 36,
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") })
        else { return "-" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
