public import JSON
public import OpenSearchBulk

/// How large the daily indexes of a store are, from its answer to `GET PREFIX-*/_stats/store`.
public enum IndexSizes {
    /// The question, a path below the endpoint.
    /// - Parameter prefix: `opensearch.index_prefix`.
    public static func path(prefix: String) -> String {
        "\(prefix)-*/_stats/store?ignore_unavailable=true&expand_wildcards=open,hidden"
            + "&filter_path=_all.total.store.size_in_bytes,indices.*.total.store.size_in_bytes,error,status"
    }

    /// The bytes of each daily index with its replicas; indexes with other names are passed over.
    /// - Parameter answer: to ``path(prefix:)``; without an index it has no `indices`.
    public static func read(_ answer: JSONNode, prefix: String) -> [DailyIndex: Int64] {
        var sizes: [DailyIndex: Int64] = [:]
        guard let indexes = answer["indices"] else { return sizes }
        for (name, index) in indexes.members {
            guard let name = name.string, let day = DailyIndex(name: name, prefix: prefix) else { continue }
            sizes[day] = index["total"]?["store"]?["size_in_bytes"]?.int64
        }
        return sizes
    }
}
