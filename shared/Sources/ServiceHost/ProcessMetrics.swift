import Files
import Glibc
import Lifecycle
import Metrics

/// The metrics that Prometheus' own clients have for each process, under the same names; and which build this is.
enum ProcessMetrics {
    static func registry(service: String, version: String) -> MetricsRegistry {
        let registry = MetricsRegistry(prefix: "")
        let labels = [("service", service), ("version", version)]
        registry.gauge("ids_build_info", help: "The version that runs; the value is always 1.", labels: labels).set(1)
        registry.gauge("process_start_time_seconds", help: "Start of the process since 1970-01-01 UTC.")
            .set(Double(WallClock.nanoseconds() / 1_000_000) / 1_000)
        let cpu = registry.measuredTotal("process_cpu_seconds_total", help: "CPU time, user and system.")
        let memory = registry.gauge("process_resident_memory_bytes", help: "Memory in RAM.")
        let descriptors = registry.gauge("process_open_fds", help: "Open descriptors.")
        registry.collect {
            cpu.set(cpuSeconds())
            if let bytes = residentBytes() { memory.set(Double(bytes)) }
            if let count = openDescriptors() { descriptors.set(Double(count)) }
        }
        return registry
    }

    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec / 1_000_000) / 1_000
    }

    /// The second number of `/proc/self/statm`, in pages.
    private static func residentBytes() -> Int? {
        guard let text = try? OpenFile("/proc/self/statm").content(bytesMax: 128) else { return nil }
        let numbers = text.split(separator: UInt8(ascii: " "))
        guard numbers.count > 1, let pages = Int(String(decoding: numbers[1], as: UTF8.self)) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func openDescriptors() -> Int? {
        // Not counting the descriptor of the folder itself.
        (try? Folder.names(in: "/proc/self/fd", namesMax: .max)).map { $0.count - 1 }
    }
}
