// swift-tools-version:6.0
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func shared(_ names: String...) -> [Target.Dependency] {
    names.map { .product(name: $0, package: "shared") }
}

let package = Package(
    name: "ecs-transformer",
    products: [.library(name: "ECSTransformer", targets: ["ECSTransformer"])],
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "ECSTransformer",
            dependencies: shared(
                "CivilTime", "Configuration", "Digest", "EventContract", "Files", "GeoIP", "HostedRedis", "JSON",
                "Lifecycle", "Logging", "Metrics", "Networks", "OpenSearchBulk", "PublicSuffix", "RedisStreams",
                "ServiceHost", "Settings"),
            swiftSettings: settings),
        .executableTarget(
            name: "ecs-transformer",
            dependencies: ["ECSTransformer"] + shared("ServiceHost"),
            swiftSettings: settings),
        .testTarget(
            name: "ECSTransformerTests",
            dependencies: ["ECSTransformer"]
                + shared(
                    "EventContract", "JSON", "Lifecycle", "Logging", "Metrics", "Networks", "RedisStreams",
                    "ServiceTesting",
                    "Settings"),
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
