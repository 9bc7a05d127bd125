/// All metrics of one name as they were measured elsewhere: given anew for each rendering, so that those whose subject
/// has gone go too.
///
/// Names and names of labels come from the code; values of labels may come from outside.
public struct MeasuredFamily: Sendable {
    private let name: String
    private let help: String
    private let kind: MetricKind
    private var lines = ""

    private init(_ name: String, _ help: String, _ kind: MetricKind) {
        self.name = name
        self.help = help
        self.kind = kind
    }

    /// Values that go up and down.
    public static func gauge(_ name: String, help: String) -> MeasuredFamily {
        MeasuredFamily(name, help, .gauge)
    }

    /// Values that only grow; the name ends in `_total`.
    public static func counter(_ name: String, help: String) -> MeasuredFamily {
        precondition(name.hasSuffix("_total"), "the name of a counter ends in _total: \(name)")
        return MeasuredFamily(name, help, .counter)
    }

    /// Distributions.
    public static func histogram(_ name: String, help: String) -> MeasuredFamily {
        MeasuredFamily(name, help, .histogram)
    }

    /// Adds the value for these labels, if there is one.
    public mutating func add(_ value: Double?, labels: [(String, String)] = []) {
        guard let value else { return }
        lines += "\(name)\(Self.braced(labels)) \(value.expositionText)\n"
    }

    /// Adds a distribution.
    /// - Parameters:
    ///   - buckets: the upper bound of each bucket and how many fell into it, rising; without the last one.
    ///   - above: how many were above every bound.
    public mutating func add(
        buckets: [(bound: Double, count: Double)], above: Double, sum: Double, labels: [(String, String)]
    ) {
        var total = 0.0
        for (bound, count) in buckets + [(.infinity, above)] {
            total += count
            let bucketLabels = labels + [("le", bound.expositionText)]
            lines += "\(name)_bucket\(Self.braced(bucketLabels)) \(total.expositionText)\n"
        }
        lines += "\(name)_sum\(Self.braced(labels)) \(sum.expositionText)\n"
        lines += "\(name)_count\(Self.braced(labels)) \(total.expositionText)\n"
    }

    /// The exposition; nothing when there are no values.
    func render(into text: inout String) {
        guard !lines.isEmpty else { return }
        text += "# HELP \(name) \(help.escaped(quotes: false))\n# TYPE \(name) \(kind.rawValue)\n" + lines
    }

    private static func braced(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.0)=\"\($0.1.escaped(quotes: true))\"" }.joined(separator: ",") + "}"
    }
}
