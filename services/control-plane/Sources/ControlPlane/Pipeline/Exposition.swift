/// What a service shows at `/metrics`, as far as it is wanted: the values by their names and labels.
struct Exposition: Sendable {
    /// One value.
    struct Sample: Sendable, Equatable {
        var labels: [String: String]
        var value: Double
    }

    /// The names that are kept; all others are passed over, so that what a service shows does not fill our memory.
    static let wanted: Set<String> = [
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds", "ids_build_info",
        "ids_redis_up", "ids_sample_age_seconds", "ids_redis_memory_used_bytes", "ids_redis_memory_max_bytes",
        "ids_backpressure_level", "ids_stream_entries", "ids_stream_memory_bytes", "ids_stream_budget_bytes",
        "ids_group_lag_entries", "ids_group_lag_events", "ids_group_lag_seconds", "ids_events_read_total",
        "ids_events_read_bytes_total", "ids_events_mapped_total", "ids_events_stored_total",
        "ids_events_rejected_total", "ids_events_lost_bytes_total", "ids_end_to_end_latency_seconds_bucket",
        "ids_last_read_timestamp_seconds", "ids_sensor_report_timestamp_seconds", "ids_unread_bytes",
        "ids_ram_disk_size_bytes", "ids_ram_disk_used_bytes", "ids_suricata_stats_timestamp_seconds",
        "ids_suricata_kernel_packets_total", "ids_suricata_kernel_drops_total", "ids_canaries_total",
        "ids_canary_seconds_total", "ids_store_size_bytes", "ids_dead_letters_total",
    ]
    /// The most samples of one name.
    private static let samplesMax = 512

    private var families: [String: [Sample]] = [:]

    /// Reads the text format 0.0.4; a line that is not of it is passed over.
    init(_ text: [UInt8] = [], wanted: Set<String> = Exposition.wanted) {
        for line in text.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            let nameEnd = line.firstIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") } ?? line.endIndex
            let name = String(decoding: line[..<nameEnd], as: UTF8.self)
            guard wanted.contains(name), families[name, default: []].count < Self.samplesMax else { continue }
            var rest = line[nameEnd...]
            guard let labels = Self.labels(&rest),
                let value = Double(String(decoding: rest.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)),
                value.isFinite
            else { continue }
            families[name, default: []].append(Sample(labels: labels, value: value))
        }
    }

    /// All values of a name.
    subscript(name: String) -> [Sample] { families[name] ?? [] }

    /// The value with these labels, whatever others it has; nil when there is none.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        self[name].first { sample in labels.allSatisfy { sample.labels[$0.key] == $0.value } }?.value
    }

    /// The sum of all values of a name; nil when there is none.
    func sum(_ name: String) -> Double? { self[name].isEmpty ? nil : self[name].reduce(0) { $0 + $1.value } }

    /// The greatest value of a name; nil when there is none.
    func max(_ name: String) -> Double? { self[name].map(\.value).max() }

    /// Reads `{name="value",…}`, if it is there; nil when it is malformed.
    private static func labels(_ rest: inout ArraySlice<UInt8>) -> [String: String]? {
        guard rest.first == UInt8(ascii: "{") else { return [:] }
        rest.removeFirst()
        var labels: [String: String] = [:]
        while let first = rest.first, first != UInt8(ascii: "}") {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = String(decoding: rest[..<equals], as: UTF8.self)
            rest = rest[(equals + 1)...]
            guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
            var value: [UInt8] = []
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                    value.append(byte)
                    continue
                }
                value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
            }
            labels[name] = String(decoding: value, as: UTF8.self)
            if rest.first == UInt8(ascii: ",") { rest.removeFirst() }
        }
        guard rest.popFirst() != nil else { return nil }
        return labels
    }
}
