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
    name: "aws-provisioner",
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "AWSProvisioner",
            dependencies: [
                shared("AWS"), shared("CivilTime"), shared("Configuration"), shared("Digest"), shared("Files"),
                shared("HTTPClient"), shared("HTTPTypes"), shared("JSON"), shared("Lifecycle"), shared("Logging"),
                shared("Metrics"), shared("OpenSearch"), shared("OpenSearchBulk"), shared("ServiceHost"),
                shared("Settings"), shared("Sockets"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "aws-provisioner",
            dependencies: ["AWSProvisioner", shared("ServiceHost")],
            swiftSettings: settings),
        .testTarget(
            name: "AWSProvisionerTests",
            dependencies: [
                "AWSProvisioner", shared("AWS"), shared("Configuration"), shared("Files"), shared("HTTPClient"),
                shared("HTTPTypes"), shared("JSON"), shared("Lifecycle"), shared("Logging"), shared("OpenSearch"),
                shared("ServiceTesting"), shared("Settings"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
