// swift-tools-version:6.0
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A module of the shared package.
func shared(_ name: String) -> Target.Dependency {
    .product(name: name, package: "shared")
}

let package = Package(
    name: "opensearch-shipper",
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "OpenSearchShipper",
            dependencies: [
                shared("AWS"), shared("CivilTime"), shared("Configuration"), shared("EventContract"),
                shared("EventStore"),
                shared("Files"), shared("Gzip"), shared("HostedRedis"), shared("HTTPClient"), shared("HTTPTypes"),
                shared("JSON"), shared("Lifecycle"), shared("Logging"), shared("Metrics"), shared("OpenSearch"),
                shared("OpenSearchBulk"), shared("Pipeline"), shared("RedisStreams"), shared("ServiceHost"),
                shared("Settings"), shared("SQLite"), shared("Zstd"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "opensearch-shipper",
            dependencies: ["OpenSearchShipper", shared("ServiceHost")],
            swiftSettings: settings),
        .testTarget(
            name: "OpenSearchShipperTests",
            dependencies: [
                "OpenSearchShipper", shared("Configuration"), shared("EventContract"), shared("EventStore"),
                shared("HTTPClient"),
                shared("HTTPTypes"), shared("JSON"), shared("Lifecycle"), shared("Logging"), shared("Metrics"),
                shared("OpenSearch"), shared("OpenSearchBulk"), shared("Pipeline"), shared("RedisStreams"),
                shared("ServiceTesting"), shared("Settings"),
                shared("SQLite"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
