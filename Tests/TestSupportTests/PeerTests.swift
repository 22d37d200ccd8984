import Foundation
import Media
import TestSupport
import Testing

/// The peers against each other, without a bridge between them: what the interop tests rely on.
@Suite("Peers", .serialized)
struct PeerTests {
    private func folder() throws -> String {
        let path = NSTemporaryDirectory() + "/mcu-server-peers-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("ffmpeg to ffmpeg: every picture of the site in order, and its tone")
    func ffmpeg() throws {
        let media = try TestMedia.prepared()
        let ports = try #require(PortAllocator.block())
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PeerCommands.sessionDescription(audioPort: ports.audio, videoPort: ports.video)
            .write(toFile: folder + "/in.sdp", atomically: true, encoding: .utf8)
        let receiver = try Subprocess(
            PeerCommands.ffmpegReceiver(
                sdp: folder + "/in.sdp", rawVideo: folder + "/out.yuv", wav: folder + "/out.wav", seconds: 1.5))
        #expect(PortAllocator.waitUntilBound(ports.video, seconds: 10))
        let sender = try Subprocess(
            PeerCommands.ffmpegSender(
                file: media.path("que-vo-small"), cname: "que-vo", audioPort: ports.audio, videoPort: ports.video))
        #expect(receiver.wait(seconds: 15) == 0, "\(receiver.output)")
        sender.stop()

        let video = try RawVideoFile(path: folder + "/out.yuv", size: Size(width: 320, height: 180))
        let all = Rectangle(x: 0, y: 0, width: 320, height: 180)
        #expect(video.count >= 15)
        let numbers = (0..<video.count).map { video.picture($0).frameNumber(in: all) }
        let first = try #require(numbers.first ?? nil)
        #expect(numbers == (first..<first + video.count).map { $0 % 150 })
        #expect(video.picture(3).site(in: all, among: media.sites)?.id == SiteID("que-vo"))

        let wav = try WAVFile(path: folder + "/out.wav")
        #expect(wav.seconds > 1)
        let samples = wav.channel(0)[12_000..<36_000]
        let level = ToneProbe(frequency: media.site("que-vo").tone).amplitude(in: samples)
        #expect(abs(level - 0.3) < 0.03)
        #expect(ToneProbe(frequency: media.site("tu-son").tone).amplitude(in: samples) < 0.003)
    }

    @Test("GStreamer to GStreamer: pictures and a tone")
    func gstreamer() throws {
        let ports = try #require(PortAllocator.block())
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try Subprocess(
            PeerCommands.gstreamerReceiver(
                audioPort: ports.audio, videoPort: ports.video, rawVideo: folder + "/out.yuv", wav: folder + "/out.wav")
        )
        #expect(PortAllocator.waitUntilBound(ports.video, seconds: 10))
        let sender = try Subprocess(
            PeerCommands.gstreamerSender(
                audioPort: ports.audio, videoPort: ports.video, tone: 500, size: Size(width: 320, height: 180),
                frameRate: 15))
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        let size = Size(width: 320, height: 180)
        func pictures() -> Int { (try? RawVideoFile(path: folder + "/out.yuv", size: size))?.count ?? 0 }
        while pictures() < 15, ContinuousClock.now < deadline, receiver.isRunning, sender.isRunning {
            usleep(50_000)
        }
        receiver.stop(signal: SIGINT)
        sender.stop()
        #expect(pictures() >= 15, "\(receiver.output)\(sender.output)")
        let wav = try WAVFile(path: folder + "/out.wav")
        try #require(wav.seconds > 0.6)
        #expect(ToneProbe(frequency: 500).amplitude(in: wav.channel(0).suffix(24_000)) > 0.2)
    }

    @Test("the strip and the colour survive a cell of 160x90 and an encode at 60 kbit/s")
    func smallCell() throws {
        let media = try TestMedia.prepared()
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let size = Size(width: 160, height: 90)
        let script = """
            ffmpeg -v error -i "$1" -t 2 -vf scale=160:90 -an -c:v libx264 -preset superfast -tune zerolatency \
                -b:v 60k -maxrate 60k -bufsize 30k "$2/cell.h264" &&
            ffmpeg -v error -i "$2/cell.h264" -f rawvideo -pix_fmt yuv420p "$2/cell.yuv"
            """
        let transcoder = try Subprocess(["sh", "-c", script, "sh", media.path("tu-son"), folder])
        #expect(transcoder.wait(seconds: 20) == 0, "\(transcoder.output)")
        let video = try RawVideoFile(path: folder + "/cell.yuv", size: size)
        let cell = Rectangle(x: 0, y: 0, width: 160, height: 90)
        #expect((0..<video.count).map { video.picture($0).frameNumber(in: cell) } == Array(0..<60))
        for index in [0, 31, 59] {
            #expect(video.picture(index).site(in: cell, among: media.sites)?.id == SiteID("tu-son"))
        }
    }
}
