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
    name: "eve-reader",
    products: [.library(name: "EveReader", targets: ["EveReader"])],
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "EveReader",
            dependencies: [
                shared("Configuration"), shared("Digest"), shared("EventContract"), shared("Files"),
                shared("HostedRedis"), shared("JSON"), shared("Lifecycle"), shared("Logging"), shared("Metrics"),
                shared("RedisStreams"), shared("ServiceHost"), shared("Settings"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "eve-reader",
            dependencies: ["EveReader", shared("ServiceHost")],
            swiftSettings: settings),
        .testTarget(
            name: "EveReaderTests",
            // The program itself is killed by tests.
            dependencies: [
                "EveReader", "eve-reader", shared("ServiceTesting"), shared("EventContract"), shared("Files"),
                shared("Lifecycle"), shared("Logging"), shared("Metrics"), shared("Processes"), shared("RedisStreams"),
                shared("Settings"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
