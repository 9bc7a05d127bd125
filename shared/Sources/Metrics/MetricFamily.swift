enum MetricKind: String {
    case counter, gauge, histogram
}

enum Metric: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    var counter: Counter {
        guard case .counter(let counter) = self else { preconditionFailure("not a counter") }
        return counter
    }

    var gauge: Gauge {
        guard case .gauge(let gauge) = self else { preconditionFailure("not a gauge") }
        return gauge
    }

    var histogram: Histogram {
        guard case .histogram(let histogram) = self else { preconditionFailure("not a histogram") }
        return histogram
    }
}

/// All metrics of one name: they differ in their labels.
struct MetricFamily: Sendable {
    let kind: MetricKind
    let help: String
    /// In the order in which they were first asked for.
    private var metrics: [(labels: String, metric: Metric)] = []

    init(kind: MetricKind, help: String) {
        self.kind = kind
        self.help = help
    }

    mutating func metric(labels: String, _ make: () -> Metric) -> Metric {
        if let known = metrics.first(where: { $0.labels == labels }) { return known.metric }
        let new = make()
        metrics.append((labels, new))
        return new
    }

    func render(_ name: String, into text: inout String) {
        text += "# HELP \(name) \(help.escaped(quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, metric) in metrics {
            let braced = labels.isEmpty ? "" : "{\(labels)}"
            switch metric {
            case .counter(let counter): text += "\(name)\(braced) \(counter.value)\n"
            case .gauge(let gauge): text += "\(name)\(braced) \(gauge.value.expositionText)\n"
            case .histogram(let histogram):
                let (cumulative, sum) = histogram.snapshot
                let separator = labels.isEmpty ? "" : ","
                let bounds = histogram.buckets.map(\.expositionText) + ["+Inf"]
                for (bound, count) in zip(bounds, cumulative) {
                    text += "\(name)_bucket{\(labels)\(separator)le=\"\(bound)\"} \(count)\n"
                }
                text += "\(name)_sum\(braced) \(sum.expositionText)\n\(name)_count\(braced) \(cumulative.last ?? 0)\n"
            }
        }
    }
}

extension Double {
    /// The value as the format writes it: `NaN`, `+Inf` and `-Inf`, and whole numbers without a fraction.
    var expositionText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: self), abs(self) < 1e15 { return String(whole) }
        return description
    }
}
