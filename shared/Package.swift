// swift-tools-version:6.0
import PackageDescription

// What the services share: one product per module, so that each service links only what it names.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A module of ours: its library product, its target and its tests.
struct Module {
    var name: String
    var dependencies: [String]
    var tested = true
    var testDependencies: [String] = []
    /// Build tools that make sources of it.
    var plugins: [String] = []
}

/// C libraries from Debian, each wrapped by exactly one module.
let cLibraries: [(name: String, package: String)] = [
    ("CHiredis", "libhiredis-dev"),
    ("COpenSSL", "libssl-dev"),
    ("CCrypto", "libssl-dev"),
    ("CX509", "libssl-dev"),
    ("CCrypt", "libcrypt-dev"),
    ("CProcesses", "libc6-dev"),
    ("CZstd", "libzstd-dev"),
    ("CXXHash", "libxxhash-dev"),
    ("CYaml", "libyaml-dev"),
    ("CWebSockets", "libwebsockets-dev"),
    ("CCurl", "libcurl4-openssl-dev"),
    ("CZlib", "zlib1g-dev"),
    ("CSQLite", "libsqlite3-dev"),
    ("CMaxMindDB", "libmaxminddb-dev"),
]

let modules: [Module] = [
    Module(name: "Lifecycle", dependencies: [], testDependencies: ["ServiceTesting"]),
    Module(name: "CivilTime", dependencies: []),
    Module(name: "Logging", dependencies: ["CivilTime", "JSON"], testDependencies: ["Lifecycle"]),
    Module(name: "Metrics", dependencies: []),
    Module(name: "Files", dependencies: [], testDependencies: ["ServiceTesting"]),
    Module(name: "Configuration", dependencies: ["CYaml", "Files", "Logging"]),
    Module(name: "Settings", dependencies: ["Configuration", "EventContract", "Files", "Logging", "Networks"]),
    Module(name: "HTTPTypes", dependencies: []),
    Module(name: "Sockets", dependencies: [], testDependencies: ["ServiceTesting"]),
    Module(name: "HTTPServer", dependencies: ["CWebSockets", "HTTPTypes", "Lifecycle", "Sockets"]),
    Module(name: "Gzip", dependencies: ["CZlib"], testDependencies: ["CZlib"]),
    Module(
        name: "APIDescription", dependencies: ["Digest", "HTTPServer", "HTTPTypes", "JSON", "Lifecycle"],
        testDependencies: ["ServiceTesting"]),
    Module(name: "AgentContract", dependencies: ["JSON"]),
    Module(name: "StaticFiles", dependencies: ["Digest", "Files", "Gzip", "HTTPServer", "HTTPTypes"]),
    Module(
        name: "ServiceHost",
        dependencies: [
            "CivilTime", "Lifecycle", "Logging", "Metrics", "Configuration", "Files", "Settings", "HTTPServer",
            "HTTPTypes", "JSON", "Sockets",
        ],
        testDependencies: ["service-host-probe"]),
    Module(name: "Zstd", dependencies: ["CZstd"]),
    Module(name: "EventContract", dependencies: ["CivilTime", "Digest", "JSON", "Zstd"]),
    Module(
        name: "RedisStreams",
        dependencies: ["CHiredis", "COpenSSL", "EventContract", "Lifecycle", "Logging", "Metrics", "Sockets", "Zstd"],
        testDependencies: ["ServiceTesting"]),
    Module(name: "HostedRedis", dependencies: ["RedisStreams", "ServiceHost", "Settings"]),
    Module(name: "Digest", dependencies: ["CCrypto", "CXXHash"]),
    Module(
        name: "Processes", dependencies: ["CProcesses", "Lifecycle"],
        testDependencies: ["ServiceTesting", "processes-probe"]),
    Module(
        name: "Certificates", dependencies: ["CX509", "Digest", "Files", "Networks"],
        testDependencies: ["ServiceTesting"]),
    Module(name: "Passwords", dependencies: ["CCrypt", "Digest"]),
    Module(name: "JSON", dependencies: []),
    Module(name: "Networks", dependencies: []),
    Module(
        name: "GeoIP", dependencies: ["CMaxMindDB", "Files", "JSON", "Networks"], testDependencies: ["ServiceTesting"]),
    Module(name: "PublicSuffix", dependencies: [], plugins: ["PackPublicSuffixes"]),
    Module(name: "Pipeline", dependencies: ["EventContract", "Lifecycle"]),
    Module(
        name: "HTTPClient", dependencies: ["CCurl", "CivilTime", "Gzip", "HTTPTypes", "Lifecycle"],
        testDependencies: ["HTTPServer", "ServiceTesting"]),
    Module(name: "OpenSearchBulk", dependencies: ["CivilTime", "EventContract", "JSON"]),
    Module(
        name: "OpenSearch",
        dependencies: [
            "AWS", "CivilTime", "Configuration", "Digest", "Files", "HTTPClient", "HTTPTypes", "JSON", "Lifecycle",
            "OpenSearchBulk", "Pipeline", "Settings",
        ], testDependencies: ["Logging", "ServiceTesting"]),
    Module(
        name: "AWS",
        dependencies: ["Digest", "Files", "HTTPClient", "HTTPTypes", "JSON", "Lifecycle", "Logging", "Processes"],
        testDependencies: ["ServiceTesting"]),
    Module(name: "SQLite", dependencies: ["CSQLite", "HTTPTypes", "Lifecycle"], testDependencies: ["ServiceTesting"]),
    Module(
        name: "EventStore",
        dependencies: ["CivilTime", "EventContract", "Files", "JSON", "Lifecycle", "Pipeline", "SQLite"],
        testDependencies: ["ServiceTesting"]),
    Module(
        name: "ServiceTesting",
        dependencies: ["EventContract", "Lifecycle", "Logging", "Pipeline", "Processes", "RedisStreams"],
        tested: false),
]

// One statement for each kind of target: as one expression they are too much for the type checker of Swift 6.0.

let wrappers: [Target] = cLibraries.map { .systemLibrary(name: $0.name, providers: [.apt([$0.package])]) }

let sources: [Target] = modules.map { module in
    .target(
        name: module.name, dependencies: module.dependencies.map { .target(name: $0) }, swiftSettings: settings,
        plugins: module.plugins.map { .plugin(name: $0) })
}

let tests: [Target] = modules.filter(\.tested).map { module in
    let used = module.dependencies.filter { !$0.hasPrefix("C") || $0 == "Configuration" }
    let names = [module.name] + used + module.testDependencies
    return .testTarget(
        name: module.name + "Tests", dependencies: names.map { .target(name: $0) }, swiftSettings: settings)
}

let tools: [Target] = [
    .executableTarget(name: "public-suffix-packer", swiftSettings: settings),
    .plugin(name: "PackPublicSuffixes", capability: .buildTool(), dependencies: ["public-suffix-packer"]),
    .executableTarget(
        name: "service-host-probe",
        dependencies: ["Configuration", "HTTPServer", "Lifecycle", "Logging", "ServiceHost", "Settings"],
        path: "Tests/ServiceHostProbe", swiftSettings: settings),
    .executableTarget(
        name: "processes-probe", dependencies: ["Processes"], path: "Tests/ProcessesProbe", swiftSettings: settings),
    .executableTarget(
        name: "http-server-probe",
        dependencies: ["APIDescription", "HTTPServer", "HTTPTypes", "Lifecycle", "StaticFiles"],
        path: "Tests/HTTPServerProbe", swiftSettings: settings),
    .executableTarget(
        name: "aws-probe", dependencies: ["AWS", "HTTPClient", "HTTPTypes", "JSON", "Lifecycle", "Logging"],
        path: "Tests/AWSProbe", swiftSettings: settings),
]

let package = Package(
    name: "shared",
    products: modules.map { .library(name: $0.name, targets: [$0.name]) },
    targets: wrappers + sources + tools + tests,
    swiftLanguageModes: [.v6]
)
