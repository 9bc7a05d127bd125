import CivilTime
import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import OpenSearch
import OpenSearchBulk
import Settings

/// What the OpenSearch of the domain says of itself and of our indexes.
struct StoreFacts: Equatable {
    private static let requestMillisecondsMax = 10_000

    /// `green`, `yellow` or `red`.
    let health: String
    let indexes: Int
    let documents: Int64
    /// Of all nodes with data, in bytes.
    let totalBytes: Int64
    let availableBytes: Int64
    /// nil before the end of the first day.
    let forecast: StorageForecast?

    /// Asks.
    ///
    /// - Throws: `HTTPError`, ``StoreRefusal``.
    init(_ store: OpenSearchSettings, options: HTTPClient.Options) throws {
        var options = options
        options.connectTimeoutMilliseconds = min(options.connectTimeoutMilliseconds, Self.requestMillisecondsMax)
        options.requestTimeoutMilliseconds = Self.requestMillisecondsMax
        let client = try StoreClient(store, options: options)
        health = try client.call("the cluster's health", .get, "_cluster/health?filter_path=status,error") {
            $0["status"]?.string
        }
        let prefix = store.indexPrefix
        (indexes, documents) = try client.call(
            "the indexes", .get,
            "\(prefix),\(prefix)-*/_stats/docs?ignore_unavailable=true&expand_wildcards=open,hidden"
                + "&filter_path=_all.primaries.docs.count,indices.*.uuid,error"
        ) { answer in
            (
                answer["indices"]?.members.reduce(0) { count, _ in count + 1 } ?? 0,
                answer["_all"]?["primaries"]?["docs"]?["count"]?.int64 ?? 0
            )
        }
        let disks = try client.call("the disks", .get, DiskUse.path) { DiskUse($0) }
        totalBytes = disks.nodes.reduce(0) { $0 + $1.totalBytes }
        availableBytes = disks.nodes.reduce(0) { $0 + $1.availableBytes }
        let sizes = try client.call("the size of the indexes", .get, IndexSizes.path(prefix: prefix)) {
            IndexSizes.read($0, prefix: prefix)
        }
        forecast = StorageForecast(sizes, disks, store)
    }
}
