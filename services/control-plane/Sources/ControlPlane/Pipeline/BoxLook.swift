import Files
import Glibc

/// How the machine is.
struct Box: Sendable {
    /// A file system.
    struct Disk: Sendable {
        var name: String
        var sizeBytes: Double
        var usedBytes: Double
    }

    var cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    /// The part of all cores that was busy since the look before, 0 to 1; nil at the first look.
    var cpu: Double?
    /// The load of the last minute.
    var load: Double?
    var memoryBytes: Double?
    /// Without what can be given back at once.
    var memoryUsedBytes: Double?
    var temperatureCelsius: Double?
    var uptimeSeconds: Double?
    var disks: [Disk] = []
}

/// Looks at the machine through the files that the kernel shows, which are the same in a container.
struct BoxLook {
    private let disks: [(name: String, path: String)]
    private var last: (busy: Double, all: Double)?

    /// - Parameter disks: file systems to look at, by a path in each.
    init(disks: [(name: String, path: String)]) {
        self.disks = disks
    }

    mutating func look() -> Box {
        var box = Box()
        let ticks = Self.text("/proc/stat").prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8)
            .compactMap { Double($0) }
        if ticks.count == 8 {
            let (all, idle) = (ticks.reduce(0, +), ticks[3] + ticks[4])
            if let last, all > last.all { box.cpu = min(max((all - idle - last.busy) / (all - last.all), 0), 1) }
            last = (all - idle, all)
        }
        box.load = Self.text("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) }
        box.uptimeSeconds = Self.text("/proc/uptime").split(separator: " ").first.flatMap { Double($0) }
        let memory = Self.text("/proc/meminfo").split(separator: "\n")
        func bytes(_ name: String) -> Double? {
            memory.first { $0.hasPrefix(name + ":") }?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
                .map { $0 * 1_024 }
        }
        box.memoryBytes = bytes("MemTotal")
        if let total = box.memoryBytes, let free = bytes("MemAvailable") { box.memoryUsedBytes = total - free }
        box.temperatureCelsius = Double(
            Self.text("/sys/class/thermal/thermal_zone0/temp").prefix { $0 != "\n" }
        ).map { $0 / 1_000 }
        for (name, path) in disks {
            guard let space = FileSystemSpace(of: path), space.sizeBytes > 0 else { continue }
            let disk = Box.Disk(name: name, sizeBytes: Double(space.sizeBytes), usedBytes: Double(space.usedBytes))
            // What lies on one file system is shown once.
            if let index = box.disks.firstIndex(where: {
                $0.sizeBytes == disk.sizeBytes && $0.usedBytes == disk.usedBytes
            }) {
                box.disks[index].name += ", \(name.lowercased())"
            } else {
                box.disks.append(disk)
            }
        }
        return box
    }

    private static func text(_ path: String) -> String {
        (try? OpenFile(path).content(bytesMax: 1 << 16)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
