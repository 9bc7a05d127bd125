import Metrics
import Synchronization
import Testing

@Suite struct MetricsRegistryTests {
    @Test func exposesEverythingAsPrometheusReadsIt() {
        let registry = MetricsRegistry(prefix: "ids_eve_reader")
        registry.counter("events_total", help: "Lines that were read.").add(3)
        registry.counter("rejected_total", help: "Lines that can never work.", labels: [("reason", "too_long")]).add()
        _ = registry.counter("rejected_total", help: "Other help.", labels: [("reason", "not_json")])
        registry.gauge("lag_seconds", help: "Age of the newest line.").set(0.25)
        registry.measuredTotal("cpu_seconds_total", help: "CPU time.").set(1.5)
        let histogram = registry.histogram(
            "write_seconds", help: "Time of a write.", buckets: [0.1, 1], labels: [("stream", "raw")])
        for seconds in [0.05, 0.1, 0.5, 7] { histogram.observe(seconds) }
        #expect(
            registry.render() == """
                # HELP ids_eve_reader_cpu_seconds_total CPU time.
                # TYPE ids_eve_reader_cpu_seconds_total counter
                ids_eve_reader_cpu_seconds_total 1.5
                # HELP ids_eve_reader_events_total Lines that were read.
                # TYPE ids_eve_reader_events_total counter
                ids_eve_reader_events_total 3
                # HELP ids_eve_reader_lag_seconds Age of the newest line.
                # TYPE ids_eve_reader_lag_seconds gauge
                ids_eve_reader_lag_seconds 0.25
                # HELP ids_eve_reader_rejected_total Lines that can never work.
                # TYPE ids_eve_reader_rejected_total counter
                ids_eve_reader_rejected_total{reason="too_long"} 1
                ids_eve_reader_rejected_total{reason="not_json"} 0
                # HELP ids_eve_reader_write_seconds Time of a write.
                # TYPE ids_eve_reader_write_seconds histogram
                ids_eve_reader_write_seconds_bucket{stream="raw",le="0.1"} 2
                ids_eve_reader_write_seconds_bucket{stream="raw",le="1"} 3
                ids_eve_reader_write_seconds_bucket{stream="raw",le="+Inf"} 4
                ids_eve_reader_write_seconds_sum{stream="raw"} 7.65
                ids_eve_reader_write_seconds_count{stream="raw"} 4

                """)
    }

    @Test func exposesWhatWasMeasuredElsewhereAnewEachTime() {
        let registry = MetricsRegistry(prefix: "ids_exporter")
        registry.counter("looks_total", help: "Looks.").add()
        let sensors = Mutex(["a\"b", "c"])
        registry.measure {
            var bytes = MeasuredFamily.counter("ids_bytes_total", help: "Bytes.")
            var none = MeasuredFamily.gauge("ids_none", help: "Nothing is known.")
            var delays = MeasuredFamily.histogram("ids_delay_seconds", help: "Delays.")
            for sensor in sensors.withLock({ $0 }) {
                bytes.add(7, labels: [("sensor", sensor)])
                none.add(nil, labels: [("sensor", sensor)])
            }
            delays.add(buckets: [(0.1, 2), (2.5, 3)], above: 1, sum: 4.5, labels: [("group", "local")])
            return [bytes, none, delays]
        }
        #expect(registry.render().contains(#"ids_bytes_total{sensor="c"} 7"#))
        sensors.withLock { _ = $0.removeLast() }
        #expect(
            registry.render() == """
                # HELP ids_exporter_looks_total Looks.
                # TYPE ids_exporter_looks_total counter
                ids_exporter_looks_total 1
                # HELP ids_bytes_total Bytes.
                # TYPE ids_bytes_total counter
                ids_bytes_total{sensor="a\\"b"} 7
                # HELP ids_delay_seconds Delays.
                # TYPE ids_delay_seconds histogram
                ids_delay_seconds_bucket{group="local",le="0.1"} 2
                ids_delay_seconds_bucket{group="local",le="2.5"} 5
                ids_delay_seconds_bucket{group="local",le="+Inf"} 6
                ids_delay_seconds_sum{group="local"} 4.5
                ids_delay_seconds_count{group="local"} 6

                """)
    }

    @Test func anEmptyRegistryIsAnEmptyText() {
        #expect(MetricsRegistry(prefix: "").render() == "")
    }

    @Test func textsAreEscaped() {
        let registry = MetricsRegistry(prefix: "")
        registry.gauge("g", help: "A \\ and\na \"quote\".", labels: [("path", "C:\\ \"x\"\ny é")]).set(1)
        #expect(
            registry.render() == #"""
                # HELP g A \\ and\na "quote".
                # TYPE g gauge
                g{path="C:\\ \"x\"\ny é"} 1

                """#)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (-3, "-3"), (1e14, "100000000000000"), (1e300, "1e+300"), (0.1, "0.1"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func valuesAreWritten(value: Double, text: String) {
        let registry = MetricsRegistry(prefix: "p")
        registry.gauge("g", help: "h").set(value)
        #expect(registry.render() == "# HELP p_g h\n# TYPE p_g gauge\np_g \(text)\n")
    }

    @Test func askingAgainGivesTheSameMetric() {
        let registry = MetricsRegistry(prefix: "p")
        let labels = [("sink", "sqlite")]
        registry.counter("stored_total", help: "h", labels: labels).add(2)
        registry.counter("stored_total", help: "h", labels: labels).add(3)
        #expect(registry.counter("stored_total", help: "h", labels: labels).value == 5)
    }

    @Test func collectorsRunBeforeEachRendering() {
        let registry = MetricsRegistry(prefix: "p")
        let gauge = registry.gauge("g", help: "h")
        registry.collect { gauge.add(1) }
        _ = registry.render()
        #expect(registry.render().hasSuffix("p_g 2\n"))
    }

    @Test func nothingIsLostBetweenThreads() async {
        let registry = MetricsRegistry(prefix: "p")
        let counter = registry.counter("c_total", help: "h")
        let gauge = registry.gauge("g", help: "h")
        let histogram = registry.histogram("h_seconds", help: "h", buckets: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.add()
                        gauge.add(0.5)
                        histogram.observe(2)
                    }
                }
            }
        }
        #expect(counter.value == 8_000)
        #expect(gauge.value == 4_000)
        #expect(registry.render().contains("p_h_seconds_sum 16000\np_h_seconds_count 8000\n"))
    }
}
