import Foundation
import Glibc

/// Where the demo finds its scripts and media, and leaves what it makes.
struct DemoFolder {
    /// The project's folder; empty if it is the working directory, so that printed paths stay short.
    private let root: String

    /// Looks for the project around the working directory and the program.
    init() throws {
        let files = FileManager.default
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        if files.isExecutableFile(atPath: "scripts/endpoint") {
            root = ""
        } else if let found = sequence(first: program, next: { $0.path == "/" ? nil : $0.deletingLastPathComponent() })
            .first(where: { files.isExecutableFile(atPath: $0.path + "/scripts/endpoint") })
        {
            root = found.path + "/"
        } else {
            throw RunFailure("scripts/endpoint isn't here: run the demo in the project's folder, by \"make demo\"")
        }
    }

    var endpoint: String { root + "scripts/endpoint" }
    var media: String { root + "media" }
    var sites: String { media + "/sites.tsv" }
    var out: String { root + "out/demo" }
    var descriptions: String { out + "/sdp" }
    var command: String { out + "/command.txt" }
    var joining: String { out + "/join.txt" }
    var report: String { out + "/mix-minus.tsv" }

    func media(of site: String) -> String { "\(media)/\(site).nut" }
    func sound(of site: String) -> String { "\(out)/sound/\(site).wav" }
    func log(_ name: String) -> String { "\(out)/log/\(name).log" }
    func picture(of program: String) -> String { "\(out)/\(program).png" }
    func recording(of site: String) -> String { "\(out)/\(site).mp4" }

    /// Makes it afresh: nothing of an earlier demo may look like this one's.
    func prepare() throws {
        do {
            try? FileManager.default.removeItem(atPath: out)
            for folder in ["sound", "log", "sdp"] {
                try FileManager.default.createDirectory(atPath: "\(out)/\(folder)", withIntermediateDirectories: true)
            }
        } catch {
            throw RunFailure("\(out): can't be made: \(error.localizedDescription)")
        }
    }

    func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw RunFailure("\(path): can't be written: \(error.localizedDescription)")
        }
    }
}
