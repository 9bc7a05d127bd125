import Metrics

/// What OpenSearch has said of itself and of our indexes.
struct OpenSearchFacts: Equatable {
    /// Whether the last question after its health was answered.
    var isUp = false
    /// `green`, `yellow` or `red`, as of the last answer.
    var status = ""
    var sizeBytes: Double?
    var documents: Double?
    var indexes: Int?

    var families: [MeasuredFamily] {
        var up = MeasuredFamily.gauge("ids_opensearch_up", help: "1 when OpenSearch has told its health, else 0.")
        up.add(isUp ? 1 : 0)
        var health = MeasuredFamily.gauge(
            "ids_opensearch_cluster_status", help: "1 for the status that the cluster has, 0 for the others.")
        for known in ["green", "yellow", "red"] {
            health.add(isUp && known == status ? 1 : 0, labels: [("status", known)])
        }
        var size = MeasuredFamily.gauge(
            "ids_opensearch_index_size_bytes", help: "Size of our indexes with their replicas.")
        size.add(sizeBytes)
        var count = MeasuredFamily.gauge(
            "ids_opensearch_index_documents", help: "Documents in our indexes, without their replicas.")
        count.add(documents)
        var number = MeasuredFamily.gauge("ids_opensearch_indices", help: "How many indexes we have.")
        number.add(indexes.map(Double.init))
        return [up, health, size, count, number]
    }
}
