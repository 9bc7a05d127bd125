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
    name: "metrics-exporter",
    products: [.library(name: "MetricsExporter", targets: ["MetricsExporter"])],
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "MetricsExporter",
            dependencies: [
                shared("CivilTime"), shared("Configuration"), shared("EventContract"), shared("HostedRedis"),
                shared("HTTPClient"), shared("JSON"), shared("Lifecycle"), shared("Logging"), shared("Metrics"),
                shared("OpenSearch"), shared("OpenSearchBulk"),
                shared("RedisStreams"), shared("ServiceHost"), shared("Settings"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "metrics-exporter",
            dependencies: ["MetricsExporter", shared("ServiceHost")],
            swiftSettings: settings),
        .testTarget(
            name: "MetricsExporterTests",
            dependencies: [
                "MetricsExporter", shared("EventContract"), shared("JSON"), shared("Lifecycle"), shared("Logging"),
                shared("Metrics"), shared("RedisStreams"), shared("ServiceTesting"), shared("Settings"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
