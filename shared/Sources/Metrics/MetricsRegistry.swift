import Synchronization

/// The metrics of one process, and their exposition in the Prometheus text format 0.0.4.
///
/// A metric is asked for once by name and labels and then kept by its user: changing it takes no lock. Asking again
/// gives the same metric. Names and labels come from the code, never from outside, so a bad one is a programmer's error
/// and stops the process.
public final class MetricsRegistry: Sendable {
    /// The content type of `render()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var families: [String: MetricFamily] = [:]
        var collectors: [@Sendable () -> Void] = []
        var measurements: [@Sendable () -> [MeasuredFamily]] = []
    }

    private let prefix: String
    private let state = Mutex(State())

    /// Creates an empty registry.
    ///
    /// - Parameter prefix: put before each name with an underscore, `ids_eve_reader`; empty for none.
    public init(prefix: String) {
        self.prefix = prefix.isEmpty ? "" : prefix + "_"
    }

    /// The counter of that name and these labels; its name ends in `_total`.
    public func counter(_ name: String, help: String, labels: [(String, String)] = []) -> Counter {
        precondition(name.hasSuffix("_total"), "the name of a counter ends in _total: \(name)")
        return metric(name, .counter, help, labels) { .counter(Counter()) }.counter
    }

    /// A total that is measured elsewhere and only set here: a counter for Prometheus. Its name ends in `_total`.
    public func measuredTotal(_ name: String, help: String, labels: [(String, String)] = []) -> Gauge {
        precondition(name.hasSuffix("_total"), "the name of a counter ends in _total: \(name)")
        return metric(name, .counter, help, labels) { .gauge(Gauge()) }.gauge
    }

    /// The gauge of that name and these labels.
    public func gauge(_ name: String, help: String, labels: [(String, String)] = []) -> Gauge {
        metric(name, .gauge, help, labels) { .gauge(Gauge()) }.gauge
    }

    /// The histogram of that name and these labels.
    ///
    /// - Parameter buckets: upper bounds, rising, without the last one (`+Inf`).
    public func histogram(
        _ name: String, help: String, buckets: [Double] = Histogram.durationBuckets, labels: [(String, String)] = []
    ) -> Histogram {
        precondition(!labels.contains { $0.0 == "le" }, "the label `le` is the histogram's own")
        return metric(name, .histogram, help, labels) { .histogram(Histogram(buckets: buckets)) }.histogram
    }

    /// Runs `update` before each rendering, for gauges that are computed on demand. It runs on the thread that renders
    /// and must not block.
    public func collect(_ update: @escaping @Sendable () -> Void) {
        state.withLock { $0.collectors.append(update) }
    }

    /// Adds at each rendering what was measured elsewhere, behind the registry's own families. It runs on the thread that
    /// renders and must not block.
    public func measure(_ families: @escaping @Sendable () -> [MeasuredFamily]) {
        state.withLock { $0.measurements.append(families) }
    }

    /// The exposition: families by name, each with its help and type.
    public func render() -> String {
        for update in state.withLock(\.collectors) { update() }
        let families = state.withLock { Array($0.families) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) { family.render(name, into: &text) }
        for measure in state.withLock(\.measurements) {
            for family in measure() { family.render(into: &text) }
        }
        return text
    }

    private func metric(
        _ name: String, _ kind: MetricKind, _ help: String, _ labels: [(String, String)], _ make: () -> Metric
    ) -> Metric {
        let fullName = prefix + name
        precondition(fullName.isMetricName, "not a name of a metric: \(fullName)")
        precondition(labels.allSatisfy { $0.0.isLabelName }, "not a name of a label in \(fullName): \(labels)")
        let labelText = labels.map { "\($0.0)=\"\($0.1.escapedLabelValue)\"" }.joined(separator: ",")
        return state.withLock { state in
            var family = state.families[fullName] ?? MetricFamily(kind: kind, help: help)
            precondition(family.kind == kind, "\(fullName) is a \(family.kind.rawValue) already")
            defer { state.families[fullName] = family }
            return family.metric(labels: labelText, make)
        }
    }
}

extension String {
    fileprivate var isMetricName: Bool {
        isName { $0 == UInt8(ascii: ":") }
    }

    fileprivate var isLabelName: Bool {
        !hasPrefix("__") && isName { _ in false }
    }

    private func isName(alsoAllowing isAllowed: (UInt8) -> Bool) -> Bool {
        guard let first = utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: isAllowed(byte)
            }
        }
    }

    fileprivate var escapedLabelValue: String {
        escaped(quotes: true)
    }

    func escaped(quotes: Bool) -> String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where quotes: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
