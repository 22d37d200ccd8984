import Media
import TestSupport
import Testing

/// What an operator changes while the meeting runs: everybody sees and hears it, and no frame is lost over it.
@Suite("Operator", .serialized)
struct OperatorTests {
    private let size = Size(width: 640, height: 360)

    /// Waits until the newest picture shows each site in its cell.
    private func see(
        _ recording: Recording, _ sites: [(String, Rectangle)], _ media: TestMedia, within seconds: Double = 8
    ) async throws {
        try await eventually("\(sites)", seconds: seconds) {
            guard let picture = try recording.newestPicture() else { return false }
            return sites.allSatisfy { id, cell in
                picture.site(in: cell, among: media.sites)?.id.rawValue == id && picture.frameNumber(in: cell) != nil
            }
        }
    }

    /// Whether the newest picture has each site in the cell that `/stats` tells.
    private func showsWhatIsTold(
        _ bridge: BridgeProcess, _ recording: Recording, _ media: TestMedia
    ) async throws -> Bool {
        let cells = try await bridge.cells()
        guard let picture = try recording.newestPicture() else { return false }
        return cells.allSatisfy { cell in
            picture.site(in: cell.rectangle, among: media.sites)?.id.rawValue == cell.site
        }
    }

    @Test("drawings, pins and blanks; layout, lecture, mute and gain by ctl, without a gap in what is sent")
    func commands() async throws {
        let media = try TestMedia.prepared()
        let lines = try TestMedia.siteNames.map { try SiteLine($0) }
        // The tap stands in front of gia-binh's own player.
        let behind = try #require(PortAllocator.block())
        let bridge = try await BridgeProcess(
            lines.flatMap { $0.flags() } + [
                "--layout", "A A que-vo / A A . / * * *", "--size", "\(size)", "--fps", "15", "--video-bitrate",
                "800k", "--gop", "1s",
            ])
        let drops = DropBook()
        let tap = try RTPTap(port: lines[0].home.video, destination: behind.video)
        let giaBinh = try Recording(
            ffmpeg: "gia-binh", audioPort: lines[0].home.audio, videoPort: behind.video, of: bridge, size: size)
        let queVo = try Recording(ffmpeg: "que-vo", of: bridge, size: size)
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))

        // 3x3 units on 640x360: 214 + 212 + 214 by 120.
        let drawn = [
            Rectangle(x: 0, y: 0, width: 426, height: 240), Rectangle(x: 426, y: 0, width: 214, height: 120),
            Rectangle(x: 426, y: 120, width: 214, height: 120), Rectangle(x: 0, y: 240, width: 214, height: 120),
            Rectangle(x: 214, y: 240, width: 212, height: 120), Rectangle(x: 426, y: 240, width: 214, height: 120),
        ]
        let cells = try await bridge.cells()
        #expect(cells.map(\.rectangle) == drawn)
        #expect(cells[1].site == "que-vo" && cells[2].site == nil && cells[5].site == nil)
        #expect(Set(cells.compactMap(\.site)) == Set(TestMedia.siteNames))
        // Who is in the large cell goes by voice.
        try await eventually("what /stats tells") { try await self.showsWhatIsTold(bridge, giaBinh, media) }
        let ground = try #require(try giaBinh.newestPicture()?.mean(of: drawn[2].insetBy(8)))
        #expect(ground.distance(to: Colour(y: 16, u: 128, v: 128)) < 4)

        // A new drawing: everything but the geometry goes on.
        var reply = try bridge.ctl("layout", "quan-su tu-son / gia-binh .")
        #expect(reply.status == 0 && reply.output.contains("quan-su tu-son / gia-binh ."))
        let quarters = [
            Rectangle(x: 0, y: 0, width: 320, height: 180), Rectangle(x: 320, y: 0, width: 320, height: 180),
            Rectangle(x: 0, y: 180, width: 320, height: 180),
        ]
        try await see(giaBinh, Array(zip(["quan-su", "tu-son", "gia-binh"], quarters)), media)
        let blank = try #require(
            try giaBinh.newestPicture()?.mean(of: Rectangle(x: 328, y: 188, width: 300, height: 160)))
        #expect(blank.distance(to: Colour(y: 16, u: 128, v: 128)) < 4)
        reply = try bridge.ctl("layout", "7x")
        #expect(reply.status == 1 && reply.output.contains("7x"))
        reply = try bridge.ctl("layout", "A B / B A")
        #expect(reply.status == 1 && reply.output.contains("rectangle"))

        // The lecture: the lecturer to all, another site to the lecturer.
        let whole = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        #expect(try bridge.ctl("lecturer", "gia-binh").status == 0)
        #expect(try bridge.ctl("layout", "lecture").status == 0)
        try await see(queVo, [("gia-binh", whole)], media)
        try await eventually("the lecturer sees another") {
            guard let site = try giaBinh.newestPicture()?.site(in: whole, among: media.sites) else { return false }
            return site.id.rawValue != "gia-binh" && TestMedia.siteNames.contains(site.id.rawValue)
        }
        try await drops.note(bridge)
        #expect(try bridge.ctl("lecturer", "tu-son").status == 0)
        try await see(giaBinh, [("tu-son", whole)], media)
        try await drops.note(bridge)
        #expect(try bridge.ctl("lecturer", "none").status == 0)
        #expect(try bridge.ctl("layout", "2x2").status == 0)
        try await see(giaBinh, [("tu-son", quarters[2])], media)

        try await soundCommands(bridge, media, listener: queVo)
        try await checkContinuity(bridge, tap, drops)
        #expect(bridge.stop() == 0)
    }

    /// Mute, unmute and gain of gia-binh, as que-vo hears it.
    private func soundCommands(_ bridge: BridgeProcess, _ media: TestMedia, listener: Recording) async throws {
        let tones = ["gia-binh", "tu-son"].map { media.site($0).tone }
        func hear(_ what: String, _ condition: (_ giaBinh: Double, _ tuSon: Double) -> Bool) async throws {
            try await eventually(what) {
                guard let levels = try listener.levels(of: tones) else { return false }
                return condition(levels[0], levels[1])
            }
        }
        try await hear("both tones") { abs($0 + 10.5) < 2 && abs($1 + 10.5) < 2 }
        #expect(try bridge.ctl("mute", "gia-binh").status == 0)
        try await hear("gia-binh is muted") { $0 < $1 - 50 && abs($1 + 10.5) < 2 }
        #expect(try await bridge.site("gia-binh").muted)
        #expect(try bridge.ctl("unmute", "gia-binh").status == 0)
        try await hear("gia-binh is heard again") { abs($0 + 10.5) < 2 && abs($1 + 10.5) < 2 }
        #expect(try bridge.ctl("gain", "gia-binh", "-20").status == 0)
        try await hear("gia-binh is 20 dB softer") { abs($0 + 30.5) < 2 && abs($1 + 10.5) < 2 }
        let refused = try bridge.ctl("mute", "nobody")
        #expect(refused.status == 1 && refused.output.contains("nobody") && refused.output.contains("gia-binh"))
    }

    /// Every packet came in order, and every tick brought a frame, but for those that the bridge says it dropped: it may,
    /// on a machine that others keep busy, and it must say so.
    private func checkContinuity(_ bridge: BridgeProcess, _ tap: RTPTap, _ drops: DropBook) async throws {
        try await drops.note(bridge)
        let frames = try #require(try await bridge.site("gia-binh").videoOut).frames
        try await eventually("all frames at the tap") { RTPLog(tap.datagrams).accessUnits.count >= frames }
        let log = RTPLog(tap.datagrams)
        #expect(log.missing == 0)
        #expect(log.sources.count == 1)
        let steps = zip(log.accessUnits.dropFirst(), log.accessUnits).map { $0.timestamp &- $1.timestamp }
        #expect(steps.allSatisfy { $0 > 3000 && $0 < 90_000 }, "\(steps)")
        // 15 frames/s: 6000 ticks of 90 kHz.
        let lost = steps.reduce(0) { $0 + (Int($1) + 3000) / 6000 - 1 }
        #expect(lost <= drops.count, "\(lost) frames are missing, \(drops.count) are accounted for")
    }

    @Test("loudest 2: of four tones the two quietest are absent, until one is turned up")
    func loudest() async throws {
        let media = try TestMedia.prepared()
        let lines = try TestMedia.siteNames.map { try SiteLine($0) }
        let ear = try SiteLine("ear")
        let bridge = try await BridgeProcess(
            lines[0].soundFlags() + lines[1].soundFlags("gain=-12") + lines[2].soundFlags("gain=-3")
                + lines[3].soundFlags("gain=-20") + ear.soundFlags() + ["--loudest", "2"])
        let recording = try Recording(ffmpeg: "ear", of: bridge, size: size, hasVideo: false)
        let senders = try lines.map { try $0.send(media.path("\($0.id)-small"), video: false) }
        defer { for sender in senders { sender.stop() } }
        let tones = lines.map { media.site($0.id).tone }
        func hear(_ what: String, _ condition: ([Double]) -> Bool) async throws {
            try await eventually(what) { try recording.levels(of: tones, seconds: 1).map(condition) ?? false }
        }
        // All four send by then.
        try await eventually("sound of all") {
            try await bridge.status().sites.prefix(4).allSatisfy { ($0.audioIn?.packets ?? 0) > 75 }
        }
        try await hear("gia-binh and tu-son alone") { levels in
            abs(levels[0] + 10.5) < 2 && abs(levels[2] + 13.5) < 2 && levels[1] < -60 && levels[3] < -60
        }
        #expect(try bridge.ctl("gain", "quan-su", "10").status == 0)
        try await hear("gia-binh and quan-su alone") { levels in
            levels[0] > -20 && levels[3] > levels[0] && levels[1] < -60 && levels[2] < -60
        }
        #expect(bridge.stop() == 0)
    }
}

/// The frames that the bridge says it dropped, of encode groups that have ended too.
private final class DropBook {
    private var groups: [String: Int] = [:]
    private var ticks = 0

    var count: Int { ticks + groups.values.reduce(0, +) }

    /// Takes note of what `/stats` says, before a command ends a group.
    func note(_ bridge: BridgeProcess) async throws {
        let status = try await bridge.status()
        ticks = status.programs.reduce(0) { $0 + $1.droppedTicks }
        for group in status.encodeGroups { groups[group.id] = group.dropped }
    }
}
