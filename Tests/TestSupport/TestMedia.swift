import Foundation
import Media

/// The small prepared streams that the tests send. They are made on first use, by `scripts/make-test-streams`, which
/// says what is in them.
package struct TestMedia: Sendable {
    /// Where the streams are.
    package let directory: String
    /// All sites of the manifest; there is a small stream of each.
    package let sites: [SyntheticSite]
    /// The sites there are large streams of too.
    package static let siteNames = ["gia-binh", "que-vo", "tu-son", "quan-su"]

    /// The project's folder.
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let made = Result { try TestMedia(script: root + "/scripts/make-test-streams") }

    /// The streams, made if they are not there yet.
    package static func prepared() throws -> TestMedia { try made.get() }

    private init(script: String) throws {
        let maker = try Subprocess([script])
        guard maker.wait(seconds: 100) == 0, let last = maker.output.split(separator: "\n").last else {
            throw Subprocess.StartError(description: "\(script): \(maker.output)")
        }
        directory = String(last)
        sites = try SyntheticSite.read(manifest: directory + "/sites.tsv")
    }

    /// The path of a stream: `gia-binh` (640x360 at 30/s), `gia-binh-small`, `bframes`, `opus-stereo` …
    package func path(_ name: String) -> String { "\(directory)/\(name).nut" }

    /// - Precondition: the manifest has a site of that id.
    package func site(_ id: String) -> SyntheticSite {
        guard let site = sites.first(where: { $0.id.rawValue == id }) else {
            preconditionFailure("sites.tsv has no site \(id)")
        }
        return site
    }
}
