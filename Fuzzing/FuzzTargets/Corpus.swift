import Foundation

/// The inputs that are kept as files: what was found once, a folder per target.
package enum Corpus {
    /// `Fuzzing/corpus` of this package.
    package static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("corpus").path

    /// The inputs of one target, in the order of their names.
    package static func inputs(of target: FuzzTarget) throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: folder).appendingPathComponent(target.name)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else { return [] }
        return try names.sorted().map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
    }

    /// Writes a target's seeds into `path`, a file each: for libFuzzer to begin with.
    package static func writeSeeds(of target: FuzzTarget, to path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (index, seed) in target.seeds().enumerated() {
            try Data(seed).write(to: URL(fileURLWithPath: path).appendingPathComponent("seed-\(index)"))
        }
    }
}
