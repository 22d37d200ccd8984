import Foundation
import Glibc
import Media
import Mixer
import TestSupport
import Testing

@Suite(.serialized) struct MediaURLTests {
    private let scratch: Scratch
    private let aac = MediaFileWriter.Sound.samples(bitrate: Bitrate(bitsPerSecond: 96_000))

    init() throws { scratch = try Scratch() }

    private static func freePort() throws -> Int { try MuteListener().port }

    @Test(arguments: ["http", "rtsp", "rtmp", "tcp"]) func peerThatSaysNothingIsGivenUpAtTheDeadline(scheme: String)
        throws
    {
        let mute = try MuteListener()
        let location = MediaLocation("\(scheme)://127.0.0.1:\(mute.port)/live/room.mp4")
        let begin = machineNow()
        let error = failure { () throws(MediaFileError) in
            _ = try MediaFileReader(location, deadline: begin + .milliseconds(400))
        }
        #expect(error == .timedOut(location))
        let taken = (machineNow() - begin).seconds
        #expect(taken > 0.3 && taken < 2, "\(taken) s")
    }

    @Test(arguments: ["rtmp", "srt"]) func targetThatSaysNothingIsGivenUpAtTheDeadline(scheme: String) throws {
        let mute = try MuteListener()
        let location = MediaLocation("\(scheme)://127.0.0.1:\(mute.port)/live/key")
        let begin = machineNow()
        let error = failure { () throws(MediaFileError) in
            _ = try MediaFileWriter(
                location, pictures: RecordedMeeting.pictures, sound: aac, deadline: begin + .milliseconds(400))
        }
        #expect(error == .timedOut(location))
        #expect((machineNow() - begin).seconds < 2)
    }

    @Test func waitingEndsWhenItIsCancelled() throws {
        let mute = try MuteListener()
        let location = MediaLocation("http://127.0.0.1:\(mute.port)/a.mp4")
        let interruption = Interruption()
        let begin = machineNow()
        let canceller = Thread {
            usleep(300_000)
            interruption.cancel()
        }
        canceller.start()
        let error = failure { () throws(MediaFileError) in
            _ = try MediaFileReader(location, deadline: begin + .seconds(20), interruption: interruption)
        }
        #expect(error == .cancelled(location))
        #expect((machineNow() - begin).seconds < 3)
    }

    @Test func nobodyThereIsSaid() throws {
        let location = MediaLocation("http://127.0.0.1:\(try Self.freePort())/a.mp4")
        let error = failure { () throws(MediaFileError) in
            _ = try MediaFileReader(location, deadline: machineNow() + .seconds(5))
        }
        #expect(
            error?.description.contains("can't be reached: Connection refused") == true, "\(String(describing: error))")
    }

    @Test func liveSourceComesAsItComesAndItsEndIsNoticed() throws {
        let port = try Self.freePort()
        let sender = try Subprocess(
            ["ffmpeg", "-nostdin", "-v", "error", "-re"] + Lavfi.numbered(seconds: 30) + ["-re"]
                + Lavfi.tone(440, seconds: 30) + [
                    "-c:v", "libx264", "-tune", "zerolatency", "-g", "10", "-c:a", "aac", "-f", "mpegts",
                    "tcp://127.0.0.1:\(port)?listen=1",
                ], limit: 40)
        let location = MediaLocation("tcp://127.0.0.1:\(port)")
        var opened: MediaFileReader?
        for _ in 0..<100 where opened == nil {
            opened = try? MediaFileReader(location, deadline: machineNow() + .seconds(8))
            if opened == nil { usleep(50_000) }
        }
        guard var reader = opened.take() else {
            Issue.record("not opened: \(sender.output)")
            return
        }
        #expect(reader.isLive && reader.hasPictures && reader.hasSound && reader.duration == nil)
        let begin = machineNow()
        var numbers: [Int] = []
        var blocks = 0
        while numbers.count < 50 {
            switch try reader.next(deadline: machineNow() + .seconds(5)) {
            case .picture(let picture, _): numbers.append((Int(picture.colour(x: 20, y: 20)?.y ?? 0) - 12) / 8)
            case .samples: blocks += 1
            case .end: Issue.record("it ended")
            }
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == ($0 + 1) % 25 })
        #expect(blocks > 70)
        let taken = (machineNow() - begin).seconds
        #expect(taken > 1 && taken < 5, "50 pictures took \(taken) s")
        sender.stop()
        // What was on its way still comes; then the end, and no waiting.
        let stopped = machineNow()
        var isOver = false
        while !isOver {
            do {
                if case .end = try reader.next(deadline: stopped + .seconds(5)) { isOver = true }
            } catch { isOver = true }
        }
        #expect((machineNow() - stopped).seconds < 3)
    }

    @Test(arguments: ["rtmp", "srt", "udp"]) func meetingIsSentToAPeer(scheme: String) throws {
        let port = try Self.freePort()
        let receiver =
            switch scheme {
            case "rtmp": ["-listen", "1", "-i", "rtmp://127.0.0.1:\(port)/live/key"]
            case "srt": ["-i", "srt://127.0.0.1:\(port)?mode=listener"]
            default:
                [
                    "-analyzeduration", "1000000", "-probesize", "200000", "-t", "2", "-i",
                    "udp://127.0.0.1:\(port)?timeout=20000000",
                ]
            }
        let peer = try Subprocess(
            ["ffmpeg", "-nostdin", "-y", "-v", "error"] + receiver + ["-c", "copy", scratch("got.mkv")], limit: 40)
        let target = MediaLocation(
            scheme == "rtmp" ? "rtmp://127.0.0.1:\(port)/live/key" : "\(scheme)://127.0.0.1:\(port)")
        var opened: MediaFileWriter?
        usleep(500_000)
        for _ in 0..<60 where opened == nil {
            opened = try? MediaFileWriter(
                target, pictures: RecordedMeeting.pictures, sound: aac, deadline: machineNow() + .seconds(3))
            if opened == nil { usleep(100_000) }
        }
        guard var writer = opened.take() else {
            Issue.record("not opened: \(peer.output)")
            return
        }
        var meeting = try RecordedMeeting()
        for _ in 0..<90 {
            try meeting.write(1, to: &writer, deadline: machineNow() + .seconds(3))
            usleep(scheme == "rtmp" ? 1_000 : 35_000)
        }
        try writer.finish(deadline: machineNow() + .seconds(3))
        // The connection ends with its owner.
        _ = consume writer
        #expect(peer.wait(seconds: 15) != nil)
        let reading = try Reading(scratch("got.mkv"))
        #expect(reading.pictures.count > 45, "\(reading.pictures.count) pictures: \(peer.output)")
        try #require(reading.sound.count > 72_000)
        #expect(zip(reading.numbers, reading.numbers.dropFirst()).allSatisfy { $1 == ($0 + 1) % 25 })
        #expect(abs(ToneProbe(frequency: 440).amplitude(in: reading.sound[24_000..<72_000]) - 0.25) < 0.04)
    }

    @Test func peerThatStopsReadingDoesNotHoldTheWriter() throws {
        let port = try Self.freePort()
        let peer = try Subprocess(
            [
                "ffmpeg", "-nostdin", "-v", "error", "-listen", "1", "-i", "rtmp://127.0.0.1:\(port)/live/key", "-f",
                "null",
                "-",
            ], limit: 60)
        let target = MediaLocation("rtmp://127.0.0.1:\(port)/live/key")
        var opened: MediaFileWriter?
        usleep(500_000)
        for _ in 0..<60 where opened == nil {
            opened = try? MediaFileWriter(
                target, pictures: RecordedMeeting.pictures, sound: aac, deadline: machineNow() + .seconds(3))
            if opened == nil { usleep(100_000) }
        }
        guard var writer = opened.take() else {
            Issue.record("not opened: \(peer.output)")
            return
        }
        var meeting = try RecordedMeeting()
        try meeting.write(5, to: &writer, deadline: machineNow() + .seconds(3))
        // The peer's whole group, so that ffmpeg stops as well as its keeper.
        kill(-peer.pid, SIGSTOP)
        defer { kill(-peer.pid, SIGCONT) }
        // Keyframes of noise, until nothing more fits in between.
        let bytes = [UInt8](repeating: 0x55, count: 1 << 20)
        let header: [UInt8] = [0, 0, 0, 1, 0x65]
        let begin = machineNow()
        var error: MediaFileError?
        for index in 0..<64 where error == nil {
            (header + bytes).withUnsafeBytes { unit in
                error = failure { () throws(MediaFileError) in
                    try writer.write(
                        AccessUnit(bytes: unit, timestamp: 0, isKeyframe: true),
                        at: RecordedMeeting.start + .seconds(1 + index), deadline: machineNow() + .milliseconds(500))
                }
            }
        }
        #expect(error == .timedOut(target))
        #expect((machineNow() - begin).seconds < 15)
        let left = machineNow()
        _ = consume writer
        #expect((machineNow() - left).seconds < 2)
    }
}
