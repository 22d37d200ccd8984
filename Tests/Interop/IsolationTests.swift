import Media
import TestSupport
import Testing

/// One site's trouble is that site's alone.
@Suite("Isolation", .serialized)
struct IsolationTests {
    private let size = Size(width: 640, height: 360)
    /// Of the program. The sites send 15 frames a second: one that no picture shows came half its time late at least.
    private let rate = 30

    @Test("a bad line, a stall, garbage, strangers and a crash: twelve of thirteen sites notice nothing")
    func trouble() async throws {
        let media = try TestMedia.prepared()
        let lines = try media.sites.map { try SiteLine($0.id.rawValue) }
        let spoilt = try #require(lines.first { $0.id == "que-vo" })
        let clean = lines.filter { $0.id != spoilt.id }
        // Thirteen tones at once, under the limiter; and enough in the jitter buffers for a machine that is busy.
        let bridge = try await BridgeProcess(
            lines.flatMap { $0.flags("gain=-14", "jitter=200-400") } + [
                "--layout", "4x4", "--size", "\(size)", "--fps", "\(rate)", "--video-bitrate", "600k", "--gop", "1s",
                "--loudest", "13", "--audio-bitrate", "128k",
            ])
        let recordings = [
            try Recording(ffmpeg: clean[0].id, of: bridge, size: size),
            try Recording(gstreamer: clean[1], of: bridge, size: size),
        ]
        let listeners = try lines.dropFirst(2).map { try ListeningSite($0) }
        let line = try ImpairedLine(to: spoilt, seed: 7)
        func sendSpoilt() throws -> Subprocess {
            try Subprocess(
                PeerCommands.ffmpegSender(
                    file: media.path("\(spoilt.id)-small"), cname: spoilt.id, audioPort: line.inlet.audio,
                    videoPort: line.inlet.video))
        }
        let senders = try clean.map { try $0.send(media.path("\($0.id)-small")) }
        var spoiltSender = try sendSpoilt()
        defer { for sender in senders + [spoiltSender] { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        try await eventually("pictures and sound at both") {
            recordings.allSatisfy { $0.pictureCount > 2 * rate && $0.soundSeconds > 2 }
        }
        let starts = recordings.map(\.pictureCount)
        let before = try await bridge.status()

        let cells = try await bridge.cells()
        let cell = try #require(cells.first { $0.site == spoilt.id }).rectangle
        let others = cells.filter { $0.site != nil && $0.site != spoilt.id }
        #expect(others.map(\.site) == clean.map(\.id))
        try await loseAndDelay(bridge, spoilt, line)
        try await stall(bridge, spoilt, line)
        try await flood(bridge, spoilt, line)
        try await strangers(bridge, clean[3])
        try await crash(bridge, media.site(spoilt.id), cell, recordings[0], spoiltSender)
        spoiltSender = try sendSpoilt()
        try await bridge.waitUntilLive([spoilt.id], seconds: 10)
        try await eventually("\(spoilt.id) again") {
            guard let picture = try recordings[0].newestPicture() else { return false }
            return picture.site(in: cell, among: media.sites)?.id.rawValue == spoilt.id
                && picture.frameNumber(in: cell) != nil
        }

        // Through all of that nothing happened to the others.
        let after = try await bridge.status()
        for recording in recordings { recording.stop() }
        for (recording, (start, viewer)) in zip(recordings, zip(starts, clean)) {
            try checkPictures(recording, from: start, in: others, media, at: viewer.id)
            try checkSound(recording, from: start, of: clean.filter { $0.id != viewer.id }, media, at: viewer.id)
        }
        for listener in listeners where listener.id != spoilt.id { check(listener) }
        for id in clean.map(\.id) {
            let was = try #require(before.sites.first { $0.id == id })
            let site = try #require(after.sites.first { $0.id == id })
            check(site, since: was)
        }
        #expect(bridge.stop() == 0)
    }

    // MARK: What happens to the one

    /// A fifth of the packets is lost, the rest comes up to 200 ms late and out of order.
    private func loseAndDelay(_ bridge: BridgeProcess, _ site: SiteLine, _ line: ImpairedLine) async throws {
        let before = try #require(try await bridge.site(site.id).videoIn)
        try await line.set("loss=20%,jitter=200,order=free")
        try await eventually("a line that loses") {
            guard let video = try await bridge.site(site.id).videoIn else { return false }
            return video.lost > before.lost + 10 && video.framesDropped > before.framesDropped
        }
        try await line.set("loss=0,jitter=0")
    }

    /// Nothing comes for 5 s, then all of it at once.
    private func stall(_ bridge: BridgeProcess, _ site: SiteLine, _ line: ImpairedLine) async throws {
        try await bridge.waitUntilLive([site.id])
        try await line.stall(seconds: 5)
        try await eventually("a slate") { try await bridge.site(site.id).state == "slate" }
        try await bridge.waitUntilLive([site.id])
    }

    /// 4000 datagrams a second that are none of its own, or no longer.
    private func flood(_ bridge: BridgeProcess, _ site: SiteLine, _ line: ImpairedLine) async throws {
        let before = try await bridge.site(site.id).dropped.values.reduce(0, +)
        try await line.flood(perSecond: 1000, seconds: 2)
        try await eventually("refused garbage") {
            try await bridge.site(site.id).dropped.values.reduce(0, +) > before + 4000
        }
        #expect(try await bridge.answer("healthz").status == 200)
        try await bridge.waitUntilLive([site.id])
    }

    /// Packets that look like a clean site's own, but come from another host.
    private func strangers(_ bridge: BridgeProcess, _ line: SiteLine) async throws {
        let stranger = try LoopbackSocket(address: "127.0.0.2")
        let before = try await bridge.site(line.id)
        for sequence in 0..<40 {
            let idr: [UInt8] = [0x65] + [UInt8](repeating: 0xAA, count: 200)
            let bytes = RTPBytes.media(
                payloadType: 96, marker: true, sequence: sequence, timestamp: UInt32(sequence * 6000), ssrc: 0xBAD,
                payload: idr)
            stranger.send(bytes, to: line.bridge.video)
        }
        try await eventually("40 refused packets") {
            try await bridge.site(line.id).dropped["source"] ?? 0 >= (before.dropped["source"] ?? 0) + 40
        }
        #expect(try await bridge.site(line.id).dropped["ssrc"] == before.dropped["ssrc"])
        // And nothing comes back to them.
        #expect(stranger.datagrams.isEmpty)
    }

    /// Its endpoint dies without a BYE: dimmed, then a slate.
    private func crash(
        _ bridge: BridgeProcess, _ site: SyntheticSite, _ cell: Rectangle, _ recording: Recording, _ sender: Subprocess
    ) async throws {
        func seen() throws -> Colour? { try recording.newestPicture()?.colour(in: cell) }
        try await eventually("live") { try seen().map { $0.distance(to: site.colour) < 16 } ?? false }
        let from = recording.pictureCount
        sender.stop(signal: 9)
        try await eventually("a slate", seconds: 8) {
            try await bridge.site(site.id.rawValue).state == "slate"
                && recording.newestPicture()?.frameNumber(in: cell) == nil
                && seen().map { $0.y < 60 && abs($0.u - 128) < 12 && abs($0.v - 128) < 12 } ?? false
        }
        let video = try recording.pictures()
        // Between the picture and the slate it is the last picture, darker.
        let dimmed = (from..<video.count).count { index in
            let picture = video.picture(index)
            guard let seen = picture.colour(in: cell), picture.frameNumber(in: cell) != nil else { return false }
            return seen.y < site.colour.y * 0.8
        }
        #expect(dimmed >= 20)
    }

    // MARK: What the others see and hear

    /// Each clean site's frames, one after the other: none is left out but where the machine held its sender up.
    private func checkPictures(
        _ recording: Recording, from start: Int, in cells: [(site: String?, rectangle: Rectangle)], _ media: TestMedia,
        at viewer: String
    ) throws {
        let video = try recording.pictures()
        var numbers = cells.map { _ in [Int?]() }
        var strange = cells.map { _ in 0 }
        for index in start..<video.count {
            let picture = video.picture(index)
            for (place, cell) in cells.enumerated() {
                numbers[place].append(picture.frameNumber(in: cell.rectangle))
                let shown = picture.site(in: cell.rectangle, among: media.sites)?.id.rawValue
                if shown != cell.site { strange[place] += 1 }
            }
        }
        #expect(video.count - start > 12 * rate)
        for (place, cell) in cells.enumerated() {
            let run = FrameRun(numbers[place], modulus: 150)
            let comment: Comment = "\(cell.site ?? "") at \(viewer): \(strange[place]) strange, \(run)"
            #expect(strange[place] == 0 && run.unreadable == 0 && run.steps.allSatisfy { $0 >= 0 }, comment)
            #expect(run.missing * 50 <= run.steps.count / 2, comment)
            #expect(run.longestRepeat <= rate / 3, comment)
        }
    }

    /// Each clean site's tone, without a gap of a packet's length.
    private func checkSound(
        _ recording: Recording, from start: Int, of sites: [SiteLine], _ media: TestMedia, at listener: String
    ) throws {
        let seconds = Double(try recording.pictures().count - start) / Double(rate)
        let (samples, sampleRate) = try recording.newestSound(seconds: seconds)
        #expect(Double(samples.count) >= 0.95 * seconds * sampleRate)
        let run = ToneRun(samples, rate: sampleRate, tones: sites.map { media.site($0.id).tone })
        for (site, (level, dip)) in zip(sites, zip(run.levels, run.dips)) {
            let comment: Comment = "\(site.id) at \(listener): \(level) dB, \(dip) dB less in a window"
            // Each sends a sine of -10.5 dB.
            #expect(abs(level + 24.5) < 1.5 && dip < 3, comment)
        }
    }

    /// What is sent to a clean site goes on without a break.
    private func check(_ site: ListeningSite) {
        let (sound, pictures) = site.streams
        for (run, step) in [(sound, 960), (pictures, 90_000 / rate)] {
            let comment: Comment = "to \(site.id): \(run)"
            #expect(run.steps.count > 200 && run.missing == 0 && run.sources == 1, comment)
            #expect(run.leftOut(step: step) * 50 <= run.steps.count, comment)
        }
    }

    /// All that a clean site sent was taken, and nothing was made up.
    private func check(_ site: BridgeStatus.Site, since before: BridgeStatus.Site) {
        let comment: Comment = "\(before)\n\(site)"
        #expect(site.state == "live", comment)
        #expect(site.videoIn?.lost == 0 && site.videoIn?.decodeErrors == 0, comment)
        #expect(site.videoIn?.framesDropped == before.videoIn?.framesDropped, comment)
        #expect(site.videoIn?.keyframeRequestsSent == before.videoIn?.keyframeRequestsSent, comment)
        #expect(site.audioIn?.lost == 0 && site.audioIn?.late == before.audioIn?.late, comment)
        #expect(site.audioIn?.concealedMs == before.audioIn?.concealedMs, comment)
    }
}
