import Media
import TestSupport
import Testing

/// The bridge's main job: four sites, two of them ffmpeg and two GStreamer on either side, in 2x2.
@Suite("Four sites", .serialized)
struct FourSitesTests {
    private let size = Size(width: 640, height: 360)
    private let cells = [
        Rectangle(x: 0, y: 0, width: 320, height: 180), Rectangle(x: 320, y: 0, width: 320, height: 180),
        Rectangle(x: 0, y: 180, width: 320, height: 180), Rectangle(x: 320, y: 180, width: 320, height: 180),
    ]

    /// The program's rate is 15.
    @Test("everybody sees all in their cells, frame by frame, and hears all but itself", arguments: [30, 15])
    func continuousPresence(sourceRate: Int) async throws {
        let source = sourceRate == 30 ? size : Size(width: 320, height: 180)
        let suffix = sourceRate == 30 ? "" : "-small"
        let media = try TestMedia.prepared()
        let lines = try TestMedia.siteNames.map { try SiteLine($0) }
        let bridge = try await BridgeProcess(
            lines.flatMap { $0.flags() }
                + ["--layout", "2x2", "--size", "\(size)", "--fps", "15", "--video-bitrate", "800k", "--gop", "1s"])
        // Whoever sends by ffmpeg receives by ffmpeg or GStreamer, and so with the others.
        let recordings = [
            try Recording(ffmpeg: lines[0].id, of: bridge, size: size),
            try Recording(gstreamer: lines[1], of: bridge, size: size),
            try Recording(ffmpeg: lines[2].id, of: bridge, size: size),
            try Recording(gstreamer: lines[3], of: bridge, size: size),
        ]
        var senders: [Subprocess] = []
        for line in lines[..<2] { senders.append(try line.send(media.path(line.id + suffix))) }
        for line in lines[2...] {
            senders.append(
                try Subprocess(
                    PeerCommands.gstreamerSender(
                        file: media.path(line.id + suffix), tone: media.site(line.id).tone,
                        size: source, frameRate: sourceRate, audioPort: line.bridge.audio,
                        videoPort: line.bridge.video)))
        }
        try await bridge.waitUntilLive(lines.map(\.id))
        try await eventually("pictures at all receivers", seconds: 20) { recordings.allSatisfy { $0.pictureCount > 0 } }
        // GStreamer's jitter buffer, begun on a busy machine, takes good packets for late for up to 5 s, and makes up the
        // sound: the packets themselves, tapped on their way to it, were whole and in time.
        let tones = lines.map { media.site($0.id).tone }
        try await eventually("the others' sound at all receivers", seconds: 20) {
            try zip(lines, recordings).allSatisfy { line, recording in
                guard let levels = try recording.medianLevels(of: tones, windows: 8) else { return false }
                return zip(lines, levels).allSatisfy { $0.id == line.id || abs($1 + 10.5) < 3 }
            }
        }
        let starts = recordings.map(\.pictureCount)
        let soundStarts = recordings.map(\.soundSeconds)
        try await eventually("60 more pictures and 3 s of sound", seconds: 20) {
            zip(recordings, zip(starts, soundStarts)).allSatisfy { recording, start in
                recording.pictureCount > start.0 + 60 && recording.soundSeconds > start.1 + 3
            }
        }
        for recording in recordings { recording.stop() }
        let status = try await bridge.status()

        let shown = try #require(status.programs.first).cells
        #expect(shown.map(\.site) == lines.map(\.id))
        #expect(shown.map { Rectangle(x: $0.x, y: $0.y, width: $0.width, height: $0.height) } == cells)
        #expect(status.sites.map(\.cell) == [0, 1, 2, 3])
        // All want the same bits: one encode for four.
        #expect(status.encodeGroups.map(\.receivers) == [4])
        for (site, recording) in zip(status.sites, recordings) {
            let out = try #require(site.videoOut)
            #expect(out.width == size.width && out.height == size.height)
            #expect(site.videoIn?.width == source.width && site.videoIn?.height == source.height)
            #expect(site.videoIn?.decodeErrors == 0 && site.videoIn?.lost == 0 && site.audioIn?.lost == 0)
            #expect(recording.pictureCount <= out.frames)
        }
        for (recording, (line, start)) in zip(recordings, zip(lines, starts)) {
            let video = try recording.pictures()
            // What was in the receiver's buffers when the last site came is left out.
            let range = min(start + 15, video.count)..<video.count
            try #require(range.count >= 30)
            for (cell, id) in zip(cells, lines.map(\.id)) {
                let comment: Comment = "\(id) at \(line.id)"
                #expect(video.share(of: id, in: cell, range, among: media.sites) >= 0.9, comment)
                // Twice the program's rate: the next frame but one in each picture. The same rate: each frame once.
                let run = FrameRun(video, range, cell: cell, modulus: 10 * sourceRate)
                #expect(run.isSteady(by: sourceRate / 15), "\(id) at \(line.id): \(run)")
                #expect(run.repeats * 10 <= run.steps.count, "\(id) at \(line.id): \(run)")
            }
            let levels = try #require(try recording.medianLevels(of: tones, windows: 20), "no sound at \(line.id)")
            for (other, level) in zip(lines, levels) {
                let comment: Comment = "\(other.id) at \(line.id): \(level) dB"
                if other.id == line.id {
                    let level = try recording.medianLevels(of: [media.site(line.id).tone], windows: 5, length: 0.5)?[0]
                    let quietest = zip(lines, levels).filter { $0.0.id != line.id }.map(\.1).min() ?? 0
                    #expect(try #require(level) < quietest - 50, comment)
                } else {
                    // Each sends a sine of -10.5 dB.
                    #expect(abs(level + 10.5) < 3, comment)
                }
            }
        }
        for sender in senders { sender.stop() }
        #expect(bridge.stop() == 0)
    }
}
