import Media

/// One kind of conference whose largest number of sites is looked for.
package struct CapacityScenario: Hashable, Codable, Sendable {
    /// What each site is sent, at 30/s.
    package enum Picture: String, Hashable, Codable, Sendable, CaseIterable {
        case hd = "720p"
        case fullHD = "1080p"

        package var size: Size {
            self == .hd ? Size(width: 1280, height: 720) : Size(width: 1920, height: 1080)
        }
        package var bitrate: Bitrate { Bitrate(bitsPerSecond: self == .hd ? 1_500_000 : 3_000_000) }
    }

    /// What each camera sends, at 30/s.
    package enum Cameras: String, Hashable, Codable, Sendable, CaseIterable {
        /// As large as what its site is sent.
        case full
        /// Half as wide and high, at a third of the bits: what endpoints that obey a bridge's requests (REMB, TMMBR) turn to for
        /// cells that are no larger.
        case half
    }

    package enum Views: String, Hashable, Codable, Sendable, CaseIterable {
        /// All see the same grid: one encode.
        case shared
        /// Each has a grid of its own order: an encode a site.
        case personal
    }

    package var picture: Picture
    package var views: Views
    /// An x264 preset.
    package var preset: String
    package var cameras: Cameras

    package init(picture: Picture, views: Views, preset: String, cameras: Cameras = .full) {
        self.picture = picture
        self.views = views
        self.preset = preset
        self.cameras = cameras
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        picture = try fields.decode(Picture.self, forKey: .picture)
        views = try fields.decode(Views.self, forKey: .views)
        preset = try fields.decode(String.self, forKey: .preset)
        // Reports of the first release have none.
        cameras = try fields.decodeIfPresent(Cameras.self, forKey: .cameras) ?? .full
    }

    package var name: String {
        "\(picture.rawValue)30 \(views.rawValue) \(preset)" + (cameras == .half ? ", cameras half as large" : "")
    }

    /// What each camera sends.
    package var cameraSize: Size {
        cameras == .full ? picture.size : Size(width: picture.size.width / 2, height: picture.size.height / 2)
    }
    package var cameraBitrate: Bitrate {
        Bitrate(bitsPerSecond: picture.bitrate.bitsPerSecond / (cameras == .full ? 1 : 3))
    }

    /// One site's ports on the loopback: sound, and two above it the picture, each with RTCP behind it.
    package struct Line: Hashable, Sendable {
        package var bridge: Int
        package var endpoint: Int

        package init(bridge: Int, endpoint: Int) {
            self.bridge = bridge
            self.endpoint = endpoint
        }
    }

    package static let host = "127.0.0.1"
    package static func id(_ site: Int) -> String { "s\(site + 1)" }
    /// Columns, and rows, of the smallest square grid with a cell for each.
    package static func side(of sites: Int) -> Int { (1...).first { $0 * $0 >= sites }! }

    /// The words after `mcu-server` that start its bridge.
    package func command(_ lines: [Line], http: String) -> [String] {
        var command = [
            "run", "--bind", Self.host, "--http", http, "--size", "\(picture.size.width)x\(picture.size.height)",
            "--fps", "30", "--video-bitrate", "\(picture.bitrate.bitsPerSecond / 1000)k", "--preset", preset,
            "--gop", "10s", "--layout", Self.grid(lines.count, first: 0), "--log-level", "warning",
        ]
        for (site, line) in lines.enumerated() {
            var words =
                "id=\(Self.id(site)),audio=\(line.bridge),video=\(line.bridge + 2),to=\(Self.host):\(line.endpoint)"
            // The cell of site 1, where delay is measured, stays where it is.
            if views == .personal, site > 0 { words += ",layout=\(Self.grid(lines.count, first: site))" }
            command += ["--site", words]
        }
        return command
    }

    /// A grid of all sites, the first at the top left; the others from `first` on, and round.
    private static func grid(_ sites: Int, first: Int) -> String {
        let side = side(of: sites)
        let cells = (0..<side * side).map { cell in
            guard cell < sites else { return "." }
            return cell == 0 ? id(0) : id(1 + (cell - 1 + first) % max(1, sites - 1))
        }
        return (0..<side).map { cells[$0 * side..<($0 + 1) * side].joined(separator: " ") }.joined(separator: " / ")
    }
}
