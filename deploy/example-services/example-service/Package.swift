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
    name: "example-service",
    dependencies: [.package(path: "../../../shared")],
    targets: [
        .executableTarget(
            name: "example-service",
            dependencies: [
                shared("HTTPClient"), shared("HTTPServer"), shared("HTTPTypes"), shared("Lifecycle"),
            ],
            swiftSettings: settings)
    ],
    swiftLanguageModes: [.v6]
)
