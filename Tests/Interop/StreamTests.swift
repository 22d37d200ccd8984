import Foundation
import Media
import TestSupport
import Testing

/// Streams as real endpoints send them: each is seen and heard whole.
@Suite("Streams", .serialized)
struct StreamTests {
    @Test("B-frames, slices, parameter sets only in SDP, pictures that change their size, and mode 0 on the way out")
    func pictures() async throws {
        let media = try TestMedia.prepared()
        let names = ["bframes", "slices", "out-of-band", "resolution"]
        let files = ["bframes", "slices", "gia-binh", "resolution"]
        let moduli = [300, 300, 300, 120]
        let lines = try names.map { try SiteLine($0) }
        let viewer = try SiteLine("viewer")
        // What the site sends goes through a tap, which sees that no parameter set is in it.
        let tap = try RTPTap(destination: lines[2].bridge.video)
        let folder = NSTemporaryDirectory() + "/mcu-server-interop-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let description = folder + "/site.sdp"
        let outOfBand = try Subprocess(
            PeerCommands.ffmpegSender(
                file: media.path(files[2]), cname: names[2], audio: .copiedAudio, audioPort: nil, video: .outOfBand,
                videoPort: tap.port, sdp: description))
        defer { outOfBand.stop() }
        try await eventually("the SDP file") { FileManager.default.contents(atPath: description)?.isEmpty == false }

        let size = Size(width: 640, height: 360)
        let behind = try #require(PortAllocator.block())
        let bridge = try await BridgeProcess(
            lines[0].pictureFlags() + lines[1].pictureFlags()
                + lines[2].pictureFlags("sdp=\(description)") + lines[3].pictureFlags()
                + viewer.pictureFlags("packetization-mode=0", "video-bitrate=2M")
                + ["--layout", names.joined(separator: " ").replacing("out-of-band ", with: "/ out-of-band ")]
                + ["--size", "\(size)", "--fps", "15", "--gop", "1s"])
        let program = try RTPTap(port: viewer.home.video, destination: behind.video)
        let recording = try Recording(
            ffmpeg: "viewer", audioPort: nil, videoPort: behind.video, of: bridge, size: size)
        let senders = try [0, 1, 3].map { try lines[$0].send(media.path(files[$0]), audio: false) }
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(names)
        try await eventually("pictures") { recording.pictureCount > 0 }
        let start = recording.pictureCount
        // Small, large and small again: each is there for 4 s.
        var sizes: [Int] = []
        try await eventually("320, 640 and 320 wide", seconds: 20) {
            let width = try await bridge.site("resolution").videoIn?.width ?? 0
            if sizes.last != width { sizes.append(width) }
            return sizes.suffix(3) == [320, 640, 320] || sizes.suffix(3) == [640, 320, 640]
        }
        let soFar = recording.pictureCount
        try await eventually("15 pictures after the last change") { recording.pictureCount > soFar + 15 }
        recording.stop()

        let cells = try await bridge.cells()
        #expect(cells.map(\.site) == names)
        let video = try recording.pictures()
        let range = min(start + 15, video.count)..<video.count
        try #require(range.count >= 30)
        for (index, cell) in cells.enumerated() {
            let comment: Comment = "\(names[index])"
            #expect(video.share(of: "gia-binh", in: cell.rectangle, range, among: media.sites) >= 0.9, comment)
            // 30 frames/s in, 15 out.
            let run = FrameRun(video, range, cell: cell.rectangle, modulus: moduli[index])
            #expect(run.isSteady(by: 2), "\(names[index]): \(run)")
            let site = try await bridge.site(names[index])
            #expect(site.videoIn?.decodeErrors == 0, comment)
        }
        let parameterSets = RTPLog(tap.datagrams).packets.filter {
            !Set(H264Payload.unitTypes($0.payload)).isDisjoint(with: [7, 8])
        }
        #expect(parameterSets.isEmpty, "the test must send none")

        let log = RTPLog(program.datagrams)
        #expect(log.missing == 0 && log.packets.allSatisfy { $0.payloadType == 96 })
        // Mode 0: a NAL unit a packet, none larger than the payload size.
        #expect(log.packets.allSatisfy { $0.size <= 1200 + 12 })
        #expect(log.packets.allSatisfy { (1...23).contains($0.payload[$0.payload.startIndex] & 31) })
        #expect(log.accessUnits.contains { $0.packets.count > 4 }, "pictures of several slices")
        #expect(bridge.stop() == 0)
    }

    @Test("Opus of 2.5, 20 and 60 ms and in stereo is heard without a gap")
    func opus() async throws {
        let media = try TestMedia.prepared()
        let names = ["opus-2.5ms", "gia-binh-small", "opus-60ms", "opus-stereo"]
        let mouths = try names.map { try SiteLine($0) }
        let ears = try (1...4).map { try SiteLine("ear-\($0)") }
        var flags = (mouths + ears).flatMap { $0.soundFlags() }
        for (ear, mouth) in zip(ears, mouths) {
            flags += ["--program", "id=to-\(ear.id),to=\(ear.id),sound=\(mouth.id)"]
        }
        let bridge = try await BridgeProcess(flags)
        let size = Size(width: 64, height: 64)
        let recordings = try ears.map { try Recording(ffmpeg: $0.id, of: bridge, size: size, hasVideo: false) }
        let senders = try mouths.map { try $0.send(media.path($0.id), video: false) }
        defer { for sender in senders { sender.stop() } }
        let tone = media.site("gia-binh").tone
        let right = media.site("que-vo").tone
        try await eventually("tones at all ears") {
            try recordings.allSatisfy { (try $0.levels(of: [tone], seconds: 0.3)?[0] ?? -200) > -30 }
        }
        // The last two seconds are listened to: by then the pace is the sender's.
        try await Task.sleep(for: .seconds(5))
        for (name, recording) in zip(names, recordings) {
            recording.stop()
            let (samples, rate) = try recording.newestSound(seconds: 2)
            try #require(Double(samples.count) > 1.9 * rate)
            // In windows of 50 ms: packets left out or played twice would show in many of them. The seams of the looped file, one
            // a second, show in up to two each.
            let window = Int(rate / 20)
            func levels(_ tone: Double) -> [Double] {
                let probe = ToneProbe(frequency: tone, sampleRate: rate)
                return stride(from: samples.startIndex, to: samples.endIndex - window, by: window).map {
                    probe.level(in: samples[$0..<$0 + window])
                }
            }
            let expected = name == "opus-stereo" ? -16.5 : -10.5
            // Both channels are heard, in one.
            for tone in name == "opus-stereo" ? [tone, right] : [tone] {
                let levels = levels(tone)
                let good = levels.count { abs($0 - expected) < 1 }
                #expect(good * 20 >= levels.count * 17, "\(name): \(levels)")
            }
        }
        #expect(bridge.stop() == 0)
    }

    @Test("H.265, VP8 and VP9, PCMU, PCMA and G.722: seen and heard both ways")
    func codecs() async throws {
        let media = try TestMedia.prepared()
        let lines = try TestMedia.siteNames.map { try SiteLine($0) }
        let size = Size(width: 320, height: 180)
        let bridge = try await BridgeProcess(
            lines[0].flags("video-codec=h265/98", "audio-codec=pcmu/0")
                + lines[1].flags("video-codec=vp8/100", "audio-codec=pcma/8")
                + lines[2].flags("video-codec=vp9/101", "audio-codec=g722/9") + lines[3].flags()
                + ["--layout", "2x2", "--size", "\(size)", "--fps", "15", "--video-bitrate", "500k", "--gop", "1s"])
        let recordings = try lines.map { try Recording(ffmpeg: $0.id, of: bridge, size: size) }
        func ffmpeg(
            _ line: SiteLine, _ video: PeerCommands.Encoding, _ audio: PeerCommands.Encoding
        ) throws -> Subprocess {
            try Subprocess(
                PeerCommands.ffmpegSender(
                    file: media.path("\(line.id)-small"), cname: line.id, audio: audio, audioPort: line.bridge.audio,
                    video: video, videoPort: line.bridge.video))
        }
        let senders = [
            try ffmpeg(lines[0], .h265, .pcmu),
            try Subprocess(
                PeerCommands.gstreamerTelephonySender(
                    file: media.path("\(lines[1].id)-small"), tone: media.site(lines[1].id).tone, size: size,
                    frameRate: 15, audioPort: lines[1].bridge.audio, videoPort: lines[1].bridge.video)),
            try ffmpeg(lines[2], .vp9, .g722),
            try lines[3].send(media.path("\(lines[3].id)-small")),
        ]
        defer { for sender in senders { sender.stop() } }
        try await bridge.waitUntilLive(lines.map(\.id))
        try await eventually("pictures at all receivers", seconds: 20) { recordings.allSatisfy { $0.pictureCount > 0 } }
        let starts = recordings.map(\.pictureCount)
        try await eventually("45 more pictures", seconds: 20) {
            zip(recordings, starts).allSatisfy { $0.pictureCount > $1 + 45 }
        }
        // Lip-sync may move a sound in its first seconds: that bends its tone.
        for (recording, line) in zip(recordings, lines) {
            try await eventually("all but itself at \(line.id)", seconds: 20) {
                guard let levels = try recording.levels(of: lines.map { media.site($0.id).tone }, seconds: 0.3) else {
                    return false
                }
                return zip(lines, levels).allSatisfy { other, level in
                    other.id == line.id ? level < -45 : abs(level + 10.5) < 3
                }
            }
        }
        for recording in recordings { recording.stop() }
        let status = try await bridge.status()
        #expect(status.sites.map { $0.videoIn?.codec } == ["h265", "vp8", "vp9", "h264"])
        #expect(status.sites.map { $0.videoOut?.codec } == ["h265", "vp8", "vp9", "h264"])
        #expect(status.sites.map { $0.audioIn?.codec } == ["pcmu", "pcma", "g722", "opus"])
        let cells = status.programs[0].cells.map { Rectangle(x: $0.x, y: $0.y, width: $0.width, height: $0.height) }
        for (recording, (line, start)) in zip(recordings, zip(lines, starts)) {
            let video = try recording.pictures()
            let range = min(start + 15, video.count)..<video.count
            try #require(range.count >= 20)
            for (cell, id) in zip(cells, lines.map(\.id)) {
                let comment: Comment = "\(id) at \(line.id)"
                #expect(video.share(of: id, in: cell, range, among: media.sites) >= 0.9, comment)
                let run = FrameRun(video, range, cell: cell, modulus: 150)
                #expect(run.isSteady(by: 1), "\(id) at \(line.id): \(run)")
            }
        }
        #expect(bridge.stop() == 0)
    }
}
