// swift-tools-version:6.0
import Foundation
import PackageDescription

// Compares the scanner of shared/Sources/JSON with simdjson and, where its source is at hand, with yyjson.
// YYJSON_SOURCE names a folder that holds yyjson.c and yyjson.h; without it that row is left out.
let yyjson = ProcessInfo.processInfo.environment["YYJSON_SOURCE"]

let package = Package(
    name: "parsers",
    dependencies: [.package(path: "../../shared")],
    targets: [
        .target(
            name: "CParsers",
            cSettings: yyjson.map { [.unsafeFlags(["-O3", "-I", $0]), .define("WITH_YYJSON")] } ?? [],
            cxxSettings: [.unsafeFlags(["-O3", "-march=native"])] + (yyjson == nil ? [] : [.define("WITH_YYJSON")]),
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .executableTarget(
            name: "parsers",
            dependencies: ["CParsers", .product(name: "JSON", package: "shared")]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
