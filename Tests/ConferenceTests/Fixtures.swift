import Conference
import Media

/// Known numbers from a seed (SplitMix64), so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Ids for tests, from a literal or `s1`, `s2`, …
extension SiteID {
    static func named(_ text: String) -> SiteID {
        guard let id = SiteID(text) else { preconditionFailure("\(text) is no id") }
        return id
    }
    static func number(_ number: Int) -> SiteID { named("s\(number)") }
}

extension Roster {
    /// Sites `s1` to `s(count)`, with pictures but for those said.
    static func of(_ count: Int, without: Set<Int> = []) -> Roster {
        Roster((1...count).map { Entry(.number($0), hasPicture: !without.contains($0)) })
    }
}

extension View {
    /// The sources as one line: `s1 s2 -`.
    var line: String { sources.map { $0?.rawValue ?? "-" }.joined(separator: " ") }
}

extension SitePlan {
    /// A site whose ports don't meet those of other numbers.
    static func number(
        _ number: Int, id: SiteID? = nil, kind: SiteKind = .site, hasVideo: Bool = true, layout: Layout? = nil
    ) -> SitePlan {
        let port = 5_000 + 4 * number
        let video = VideoPlan(
            port: port + 2, accepts: [:], size: Size(width: 1280, height: 720), frameRate: 30,
            bitrate: Bitrate(bitsPerSecond: 1_500_000))
        return SitePlan(
            id: id ?? .number(number), name: "Site \(number)", kind: kind, audio: AudioPlan(port: port, accepts: [:]),
            video: hasVideo ? video : nil, layout: layout)
    }
}

extension ConferencePlan {
    /// All sites in the room program.
    static func room(_ sites: [SitePlan], layout: Layout, sound: SoundRule = .all) -> ConferencePlan {
        let room = ProgramPlan(
            id: .room, layout: layout, viewers: sites.map(\.id), sound: sound, size: Size(width: 1280, height: 720),
            frameRate: 30)
        return ConferencePlan(sites: sites, programs: [room])
    }
}

func layout(_ text: String, _ sites: SiteID...) throws -> Layout {
    try Layout.parse(text, knownSites: Set(sites))
}

extension Instant {
    static func at(milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }
}
