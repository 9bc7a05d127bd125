import CivilTime
public import JSON

/// How full the disks of an OpenSearch are: its answer to `GET _nodes/stats/fs`, which Amazon's gives as well.
public struct DiskUse: Equatable, Sendable {
    /// The disk of one node.
    public struct Node: Equatable, Sendable {
        /// Its size.
        public let totalBytes: Int64
        /// What may still be written.
        public let availableBytes: Int64

        /// What is taken, 0 to 1, as OpenSearch's own watermarks count it.
        public var usedRatio: Double { 1 - Double(availableBytes) / Double(totalBytes) }
    }

    /// The question, a path below the endpoint.
    public static let path =
        "_nodes/stats/fs?filter_path=nodes.*.timestamp,nodes.*.roles,nodes.*.fs.total.total_in_bytes,"
        + "nodes.*.fs.total.available_in_bytes,error,status"

    /// The nodes that hold data, at least one.
    public let nodes: [Node]
    /// The UTC day by the clocks of these nodes, counted from 1970-01-01: the earliest of them; nil when they tell no time.
    public let day: Int64?

    /// - Parameter answer: to ``path``; nil comes of one that names no node with data and a disk.
    public init?(_ answer: JSONNode) {
        let answers = (answer["nodes"]?.members).map(Array.init) ?? []
        nodes = answers.compactMap { Self.node($0.value) }
        if nodes.isEmpty { return nil }
        let milliseconds = answers.compactMap { $0.value["timestamp"]?.int64 }.min()
        day = milliseconds.map { $0 / (CivilDay.nanoseconds / 1_000_000) }
    }

    private static func node(_ node: JSONNode) -> Node? {
        // Nodes have had roles such as `data_hot` as well; a node without roles is one of Amazon's old versions.
        let roles = node["roles"]?.elements.compactMap(\.string)
        guard roles?.contains(where: { $0.hasPrefix("data") }) ?? true, let disk = node["fs"]?["total"],
            let total = disk["total_in_bytes"]?.int64, let available = disk["available_in_bytes"]?.int64,
            total > 0, 0...total ~= available
        else { return nil }
        return Node(totalBytes: total, availableBytes: available)
    }

    /// What is taken of the fullest disk, 0 to 1.
    public var usedRatio: Double { nodes.map(\.usedRatio).max() ?? 0 }

    /// How many bytes can be written before all disks are full up to a mark; 0 when they are.
    /// - Parameter percent: the mark, in percent of a disk.
    public func freeBytes(below percent: Int) -> Int64 {
        nodes.reduce(0) { $0 + max(0, $1.availableBytes - $1.totalBytes / 100 * Int64(100 - percent)) }
    }
}
