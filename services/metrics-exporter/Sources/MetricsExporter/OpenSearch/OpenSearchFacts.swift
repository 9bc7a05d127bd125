import Metrics
import OpenSearch

/// What OpenSearch has said of itself and of our indexes.
struct OpenSearchFacts: Equatable {
    /// Whether the last question after its health was answered.
    var isUp = false
    /// `green`, `yellow` or `red`, as of the last answer.
    var status = ""
    var sizeBytes: Double?
    var documents: Double?
    var indexes: Int?
    var disks: DiskUse?
    /// Until when the room of the disks lasts, as of the last answers.
    var forecast: StorageForecast?

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
        var used = MeasuredFamily.gauge(
            "ids_opensearch_disk_used_ratio", help: "How full the fullest disk of OpenSearch is, 0 to 1.")
        used.add(disks?.usedRatio)
        var perDay = MeasuredFamily.gauge(
            "ids_opensearch_storage_bytes_per_day", help: "Bytes that come in a day, on the mean of the last full days."
        )
        perDay.add(forecast.map { Double($0.bytesPerDay) })
        let secondsPerDay = 86_400.0
        var timeLeft = MeasuredFamily.gauge(
            "ids_opensearch_storage_left_seconds",
            help:
                "Time until the disks are full up to opensearch.storage_guard_percent, in whole days; ten years where they never are, as in a store with a guard."
        )
        timeLeft.add(forecast.map { Double($0.daysLeft) * secondsPerDay })
        var timeKept = MeasuredFamily.gauge(
            "ids_opensearch_storage_kept_seconds",
            help:
                "Time for which the guard of the store keeps what is no alert, at the rate of the last full days, in whole days."
        )
        timeKept.add(forecast?.daysKept.map { Double($0) * secondsPerDay })
        return [up, health, size, count, number, used, perDay, timeLeft, timeKept]
    }
}
