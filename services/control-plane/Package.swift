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
    name: "control-plane",
    products: [.library(name: "ControlPlane", targets: ["ControlPlane"])],
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "ControlPlane",
            dependencies: [
                shared("AgentContract"), shared("APIDescription"), shared("Certificates"), shared("CivilTime"),
                shared("Configuration"), shared("Digest"), shared("EventContract"), shared("EventStore"),
                shared("Files"),
                shared("HTTPClient"), shared("HTTPServer"), shared("HTTPTypes"), shared("HostedRedis"), shared("JSON"),
                shared("Lifecycle"), shared("Logging"), shared("Metrics"), shared("Networks"), shared("OpenSearch"),
                shared("Passwords"), shared("RedisStreams"), shared("ServiceHost"), shared("Settings"),
                shared("SQLite"), shared("StaticFiles"), shared("Zstd"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "control-plane",
            dependencies: ["ControlPlane", shared("ServiceHost")],
            swiftSettings: settings),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ControlPlane", shared("APIDescription"), shared("Configuration"), shared("EventContract"),
                shared("EventStore"),
                shared("HTTPServer"), shared("HTTPTypes"), shared("JSON"), shared("Lifecycle"), shared("Logging"),
                shared("Metrics"), shared("Networks"), shared("OpenSearch"), shared("RedisStreams"),
                shared("ServiceTesting"), shared("Settings"),
                shared("SQLite"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
