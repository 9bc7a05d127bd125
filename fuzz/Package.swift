// swift-tools-version:6.0
import Foundation
import PackageDescription

// The fuzzer of the mapping. scripts/fuzz builds it, because it needs flags that reach into the packages under test.
// FUZZER_RUNTIME names libFuzzer as a library; without it the program has a plain driver of its own.
let runtime = ProcessInfo.processInfo.environment["FUZZER_RUNTIME"]

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(path: "../services/ecs-transformer"), .package(path: "../services/eve-reader"),
        .package(path: "../services/metrics-exporter"), .package(path: "../shared"),
    ],
    targets: [
        .target(name: "CFuzzing", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CFuzzing", .product(name: "ECSTransformer", package: "ecs-transformer"),
                .product(name: "EveReader", package: "eve-reader"),
                .product(name: "MetricsExporter", package: "metrics-exporter"),
                .product(name: "CivilTime", package: "shared"), .product(name: "EventContract", package: "shared"),
                .product(name: "JSON", package: "shared"), .product(name: "Networks", package: "shared"),
                .product(name: "Lifecycle", package: "shared"), .product(name: "Logging", package: "shared"),
                .product(name: "Metrics", package: "shared"), .product(name: "RedisStreams", package: "shared"),
                .product(name: "Settings", package: "shared"), .product(name: "Zstd", package: "shared"),
            ],
            swiftSettings: runtime == nil ? [] : [.define("LIBFUZZER")],
            linkerSettings: runtime.map { [.unsafeFlags([$0]), .linkedLibrary("stdc++")] } ?? []),
    ],
    swiftLanguageModes: [.v6]
)
