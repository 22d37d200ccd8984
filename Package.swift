// swift-tools-version: 6.2
import Foundation
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Tests that compute little: optimising them takes longer than running them.
let testSettings = settings + [.unsafeFlags(["-Onone"])]

let package = Package(
    name: "mcu-server",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "mcu-server", targets: ["mcu-server"])],
    dependencies: [
        // Flags, help pages, completions.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // The config file.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // The log.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // The HTTP API: its limits on headers and bodies held against hostile requests.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // The address of an HTTP client.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // TLS for the HTTP API.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Start, stop and signals of the HTTP server.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CFFmpeg", path: "Sources/CFFmpeg",
            pkgConfig: "libavcodec libavformat libavutil libswscale libswresample"),
        .systemLibrary(name: "COpus", path: "Sources/COpus", pkgConfig: "opus"),
        .systemLibrary(name: "CPango", path: "Sources/CPango", pkgConfig: "pangocairo"),
        // SRTP (RFC 3711): libsrtp2 has had the eyes of two decades on it.
        .systemLibrary(name: "CSRTP", path: "Sources/CSRTP", pkgConfig: "libsrtp2"),
        // Time-stretch for the jitter buffer; it has no pkg-config file.
        .systemLibrary(name: "CSonic", path: "Sources/CSonic"),
        // Pictures to their cells: libyuv and zimg take a tenth and half of libswscale's time where they fit.
        .systemLibrary(name: "CYUV", path: "Sources/CYUV"),
        // H.264 for less CPU than x264 takes, where the lines can carry bursts; it is BSD-licensed.
        .systemLibrary(name: "COpenH264", path: "Sources/COpenH264", pkgConfig: "openh264"),
        .systemLibrary(name: "CZimg", path: "Sources/CZimg", pkgConfig: "zimg"),
        .target(name: "CLinux"),

        .target(name: "Media", swiftSettings: settings),
        .target(name: "RTP", dependencies: ["Media", "CLinux", "CSRTP"], swiftSettings: settings),
        .target(
            name: "Mixer",
            dependencies: ["Media", "CFFmpeg", "COpus", "CPango", "CSonic", "CYUV", "CZimg", "COpenH264"],
            swiftSettings: settings),
        .target(name: "Conference", dependencies: ["Media"], swiftSettings: settings),
        .target(
            name: "Bridge",
            dependencies: [
                "Media", "RTP", "Mixer", "Conference", "CLinux", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "Console",
            dependencies: [
                "Media", "RTP", "Conference", "Mixer", "Bridge",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "mcu-server",
            dependencies: [
                "Media", "RTP", "Mixer", "Conference", "Bridge", "Console", "SyntheticMedia",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            // The operator's page is part of the program.
            resources: [.embedInCode("Page")],
            swiftSettings: settings),

        .target(name: "TestSupport", dependencies: ["Media"], path: "Tests/TestSupport", swiftSettings: settings),
        // A relay that makes the loopback a bad line: this machine's kernel need not have netem.
        .executableTarget(
            name: "impair", dependencies: ["TestSupport", "Media"], path: "Tests/Impairment", swiftSettings: settings),
        .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
        .target(
            name: "SyntheticMedia", dependencies: ["RTP", "Mixer", "Media"],
            swiftSettings: settings),
        .target(
            name: "FuzzTargets", dependencies: ["RTP", "Media"], path: "Fuzzing/FuzzTargets", swiftSettings: settings),
        .target(
            name: "ConsoleFuzzTargets", dependencies: ["FuzzTargets", "Console", "RTP"],
            path: "Fuzzing/ConsoleFuzzTargets", swiftSettings: settings),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "ConsoleFuzzTargets"], swiftSettings: testSettings),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport", "Media"], swiftSettings: testSettings),
        .testTarget(name: "MediaTests", dependencies: ["Media"], swiftSettings: testSettings),
        .testTarget(name: "RTPTests", dependencies: ["RTP", "Media", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "MixerTests", dependencies: ["Mixer", "Media", "TestSupport", "CFFmpeg", "COpus"],
            swiftSettings: settings),
        .testTarget(name: "ConferenceTests", dependencies: ["Conference", "Media"], swiftSettings: testSettings),
        .testTarget(
            name: "CommandLineTests", dependencies: ["Console", "Bridge", "Conference", "RTP", "Media"],
            swiftSettings: testSettings),
        .testTarget(
            name: "BridgeTests",
            dependencies: [
                "Bridge", "Conference", "RTP", "Mixer", "Media", "TestSupport", "SyntheticMedia",
                "CAllocationCounter", "CFFmpeg",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "InteropTests", dependencies: ["Console", "Media", "TestSupport"], path: "Tests/Interop",
            swiftSettings: testSettings),
    ]
)

// The benchmarks (`make bench`) are targets of this package, since only those see what they measure; their library is
// fetched for nothing else.
if ProcessInfo.processInfo.environment["MCU_BENCHMARKS"] == "1" {
    package.dependencies.append(
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []))
    for (name, dependencies) in [
        ("RTPBenchmarks", ["RTP", "Media", "SyntheticMedia"]),
        ("MixerBenchmarks", ["Mixer", "Conference", "Media", "SyntheticMedia"]),
        ("ConferenceBenchmarks", ["Conference", "Media"]),
    ] {
        let ours = dependencies.map(Target.Dependency.init(stringLiteral:))
        package.targets.append(
            .executableTarget(
                name: name, dependencies: ours + [.product(name: "Benchmark", package: "benchmark")],
                path: "Benchmarks/\(name)", swiftSettings: settings))
    }
}

// libFuzzer (`make fuzz`): everything is built anew with its instruments, and with AddressSanitizer.
if ProcessInfo.processInfo.environment["MCU_FUZZ"] == "1" {
    for target in package.targets where target.type == .regular {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer,address"])]
    }
    package.targets.append(.systemLibrary(name: "CFuzzer", path: "Fuzzing/CFuzzer"))
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzTargets", "ConsoleFuzzTargets", "CFuzzer"], path: "Fuzzing/Fuzz",
            swiftSettings: settings,
            // gold stops at what the sanitizers put into the debug information.
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
}
