import Metrics

/// The metrics of all sensors' Suricata.
enum SuricataFamilies {
    static func families(_ sensors: [(name: String, state: SuricataSensor)]) -> [MeasuredFamily] {
        var uptime = MeasuredFamily.gauge(
            "ids_suricata_uptime_seconds", help: "For how long Suricata had been running at its latest stats event.")
        var time = MeasuredFamily.gauge(
            "ids_suricata_stats_timestamp_seconds", help: "When Suricata wrote its latest stats event.")
        var memory = MeasuredFamily.gauge(
            "ids_suricata_memory_bytes", help: "Memory that a component of Suricata uses.")
        var rules = MeasuredFamily.gauge("ids_suricata_detect_rules", help: "Rules, by what became of them at loading.")
        var flows = MeasuredFamily.gauge("ids_suricata_flows_active", help: "Flows that Suricata follows now.")
        var sessions = MeasuredFamily.gauge(
            "ids_suricata_tcp_sessions_active", help: "TCP sessions that Suricata follows now.")
        var pressure = MeasuredFamily.gauge(
            "ids_suricata_memory_cap_pressure_ratio",
            help: "How much of its bound the most used memory of Suricata takes, 0 to 1.")
        var restarts = MeasuredFamily.counter(
            "ids_suricata_restarts_total", help: "Starts of Suricata that were seen after the first.")
        var writers = MeasuredFamily.gauge(
            "ids_suricata_writers", help: "Suricatas, by the host that they name, whose events come as this sensor's.")
        var impossible = MeasuredFamily.counter(
            "ids_suricata_impossible_values_total",
            help: "Numbers of stats events that were ignored because they cannot be, as counters below zero.")
        var summed = MeasuredFamily.gauge(
            "ids_suricata_names_summed",
            help: "Names in the latest stats event that are summed as `other`, because there are too many, or odd ones."
        )
        for (name, state) in sensors {
            let sensor = [("sensor", name)]
            writers.add(Double(state.totals.writersCount), labels: sensor)
            impossible.add(Double(state.totals.impossibleValues), labels: sensor)
            restarts.add(Double(state.totals.restarts), labels: sensor)
            guard let stats = state.stats else { continue }
            summed.add(Double(stats.valuesSummed), labels: sensor)
            uptime.add(Double(stats.uptimeSeconds), labels: sensor)
            time.add(Double(stats.time) / 1e9, labels: sensor)
            flows.add(stats.activeFlows.map(Double.init), labels: sensor)
            sessions.add(stats.activeTCPSessions.map(Double.init), labels: sensor)
            pressure.add(stats.memoryCapPressure, labels: sensor)
            for (component, bytes) in stats.memoryBytes.sorted(by: { $0.key < $1.key }) {
                memory.add(Double(bytes), labels: sensor + [("component", component)])
            }
            for (state, count) in stats.rules.sorted(by: { $0.key < $1.key }) {
                rules.add(Double(count), labels: sensor + [("state", state)])
            }
        }
        return [uptime, time, memory, rules, flows, sessions, pressure, restarts, writers, impossible, summed]
            + SuricataCounter.all.map { family($0, sensors) }
    }

    private static func family(
        _ counter: SuricataCounter, _ sensors: [(name: String, state: SuricataSensor)]
    ) -> MeasuredFamily {
        var family = MeasuredFamily.counter("ids_suricata_\(counter.name)_total", help: counter.help)
        for (name, state) in sensors {
            let series = state.totals.counts.filter { $0.key.name == counter.name }
            for (series, count) in series.sorted(by: { $0.key < $1.key }) {
                family.add(
                    Double(count.total),
                    labels: [("sensor", name)] + zip(counter.labelNames, series.labels).map { ($0, $1) })
            }
        }
        return family
    }
}
