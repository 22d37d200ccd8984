import Foundation
import Media
import Mixer
import TestSupport
import Testing

@Suite struct MediaFileReaderTests {
    @Test func filmComesInOrderWithItsSound() throws {
        let scratch = try Scratch()
        let path = try scratch.make(
            "film.mp4",
            Lavfi.numbered() + Lavfi.tone(440, rate: 44_100, channels: 2) + [
                "-c:v", "libx264", "-bf", "2", "-g", "10", "-c:a", "aac", "-b:a", "128k",
            ])
        let reading = try Reading(path)
        #expect(reading.numbers == Array(0..<25))
        #expect(reading.pictures.map(\.picture.timestamp) == (0..<25).map { Int64($0 * 3600) })
        #expect(reading.pictures.map(\.time) == (0..<25).map { Interval.milliseconds(40) * $0 })
        #expect(reading.times == reading.times.sorted())
        try #require((47_000...49_000).contains(reading.sound.count))
        #expect(abs(ToneProbe(frequency: 440).amplitude(in: reading.sound[4_800..<43_200]) - 0.25) < 0.02)
        #expect(ToneProbe(frequency: 480).amplitude(in: reading.sound[4_800..<43_200]) < 0.01)
        #expect(abs((reading.end?.seconds ?? 0) - 1) < 0.002)
    }

    @Test(arguments: ["clap.mp4", "clap.mkv", "clap.ts", "clap.avi"]) func soundAndPictureAreInSync(name: String) throws
    {
        let scratch = try Scratch()
        let path = try scratch.make(
            name,
            // AVI knows no order of showing.
            Lavfi.clap + ["-c:v", "libx264"]
                + (name == "clap.avi" ? ["-bf", "0", "-c:a", "pcm_s16le"] : ["-c:a", "aac"]))
        let reading = try Reading(path)
        let flash = try #require(reading.pictures.first { ($0.picture.colour(x: 8, y: 8)?.y ?? 0) > 128 })
        let clap = try #require(reading.onset())
        #expect(abs(flash.time.seconds - clap) < 0.012, "flash at \(flash.time.seconds), clap at \(clap)")
        #expect(abs(clap - 0.52) < 0.1)
    }

    @Test(arguments: ["mkv/pcm_s16le/48000", "mp4/aac/44100", "mkv/libopus/48000"])
    func repetitionHasNoSeam(form: String) throws {
        let parts = form.split(separator: "/").map(String.init)
        let scratch = try Scratch()
        let path = try scratch.make(
            "loop." + parts[0],
            Lavfi.numbered() + Lavfi.tone(400, rate: Int(parts[2])!) + [
                "-c:v", "libx264", "-c:a", parts[1], "-b:a", "160k",
            ])
        var reader = try MediaFileReader(MediaLocation(path), repeats: true)
        let reading = try Reading(&reader, pictures: 80)
        #expect(reading.numbers == (0..<80).map { $0 % 25 })
        #expect(reader.pass == 3)
        for (earlier, later) in zip(reading.pictures, reading.pictures.dropFirst()) {
            // The sound decides where a pass ends; with Opus that is 7 ms beside the pictures' end.
            #expect(abs((later.time - earlier.time).milliseconds - 40) < 8)
            #expect(abs(later.picture.timestamp - earlier.picture.timestamp - 3600) < 720)
        }
        // A codec starts anew at each pass, and is not quite itself for a moment; a seam would be a step or a hole.
        let sound = reading.sound.dropFirst(2_400)
        #expect(Sound.largestStep(sound) < 1.7 * Sound.step(of: 400, amplitude: 0.25))
        for start in stride(from: sound.startIndex, to: sound.endIndex - 480, by: 480) {
            #expect(Sound.peak(sound[start..<start + 480]) > 0.12, "a hole at \(start)")
        }
        #expect(reader.position(of: reading.pictures[79].time).seconds < 1)
    }

    @Test func repetitionCanBeSwitchedOff() throws {
        let scratch = try Scratch()
        let path = try scratch.make(
            "a.mkv", Lavfi.numbered() + Lavfi.tone(400) + ["-c:v", "libx264", "-c:a", "pcm_s16le"])
        var reader = try MediaFileReader(MediaLocation(path), repeats: true)
        _ = try Reading(&reader, pictures: 30)
        reader.repeats = false
        let rest = try Reading(&reader)
        #expect(rest.pictures.count == 20)
        #expect(abs((rest.end?.seconds ?? 0) - 2) < 0.002)
    }

    @Test(arguments: ["a.mkv", "a.ts", "a.mp4"]) func truncatedFileEndsWithWhatWasWhole(name: String) throws {
        let scratch = try Scratch()
        try scratch.make(
            name,
            Lavfi.numbered("320x180", seconds: 4) + Lavfi.tone(440, seconds: 4) + [
                "-c:v", "libx264", "-g", "25", "-bf", "0", "-c:a", "aac", "-movflags", "+faststart",
            ])
        for part in [3, 5, 7] {
            try scratch.cut(name, to: try scratch.size(name) * part / 10, as: "cut-" + name)
            let reading = try Reading(scratch("cut-" + name))
            let numbers = reading.numbers
            #expect(numbers.count < 100 && numbers.count > part * 10 - 25, "\(part)/10: \(numbers.count) pictures")
            #expect(numbers == numbers.indices.map { $0 % 25 }, "\(part)/10")
            #expect(reading.end != nil)
        }
    }

    @Test func soundThatBeginsLateAndHasAHoleKeepsItsTime() throws {
        let scratch = try Scratch()
        let path = try scratch.make(
            "hole.mkv",
            Lavfi.numbered(seconds: 3) + [
                "-itsoffset", "0.5", "-f", "lavfi", "-i",
                "aevalsrc='0.5*sin(2*PI*1000*t)':s=48000:d=2.5,aselect='lt(t\\,1)+gte(t\\,2)'",
                "-c:v", "libx264", "-c:a", "pcm_s16le", "-af", "aresample=async=0",
            ])
        let reading = try Reading(path)
        #expect(abs((reading.soundStart?.seconds ?? 0) - 0.5) < 0.002)
        try #require(reading.sound.count > 115_200)
        // The hole is from 1.5 s to 2.5 s of the film.
        func level(_ range: Range<Double>) -> Float {
            let start = Int((range.lowerBound - 0.5) * 48_000), end = Int((range.upperBound - 0.5) * 48_000)
            return Sound.peak(reading.sound[start..<min(end, reading.sound.count)])
        }
        #expect(level(0.6..<1.4) > 0.4)
        #expect(level(1.6..<2.4) < 0.001)
        #expect(level(2.6..<2.9) > 0.4)
    }

    @Test func coverOfARecordStandsWhileItPlays() throws {
        let scratch = try Scratch()
        try scratch.make("red.png", ["-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1"])
        let path = try scratch.make(
            "song.mp3",
            Lavfi.tone(440, seconds: 2) + ["-i", scratch("red.png"), "-map", "0", "-map", "1", "-c:v", "copy"])
        let reading = try Reading(path)
        #expect(reading.pictures.count == 1)
        #expect(reading.pictures[0].time == .zero)
        #expect(abs(Double(reading.sound.count) / 48_000 - 2) < 0.1)
    }

    @Test func aLengthThatCannotBeIsUnknownAndTheFilmPlays() throws {
        let scratch = try Scratch()
        let path = try scratch.make("film.flv", Lavfi.numbered() + ["-c:v", "libx264", "-bf", "0"])
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // A number in AMF: one byte of its kind, then the number itself.
        let number = try #require(bytes.range(of: Data("duration".utf8))).upperBound + 1
        let honest = try MediaFileReader(MediaLocation(path))
        #expect(honest.duration != nil)
        // The first two don't fit into 64 bits of nanoseconds.
        for seconds in [1e10, 9e12, 2_592_001, -1] {
            let lie = withUnsafeBytes(of: seconds.bitPattern.bigEndian) { Data($0) }
            bytes.replaceSubrange(number..<number + 8, with: lie)
            try bytes.write(to: URL(fileURLWithPath: path))
            var reader = try MediaFileReader(MediaLocation(path))
            #expect(reader.duration == nil, "\(seconds) s")
            let reading = try Reading(&reader)
            #expect(reading.numbers == Array(0..<25), "\(seconds) s")
        }
    }

    @Test func timesOutOfAllReasonAreBrokenPackets() throws {
        let scratch = try Scratch()
        // 317 years: in nanoseconds that is beyond 64 bits.
        let path = try scratch.make(
            "far.mkv",
            Lavfi.numbered() + Lavfi.tone(440) + [
                "-c:v", "libx264", "-c:a", "pcm_s16le", "-output_ts_offset", "10000000000",
            ])
        for repeats in [false, true] {
            var reader = try MediaFileReader(MediaLocation(path), repeats: repeats)
            #expect(reader.duration == nil)
            let error = failure { () throws(MediaFileError) in _ = try reader.next() }
            #expect(error == .damaged(MediaLocation(path), reason: "nothing in it could be decoded"))
            #expect(reader.damaged > 25)
        }
    }

    @Test func recordingWithTheTimeSince1970BeginsAtZero() throws {
        let scratch = try Scratch()
        let path = try scratch.make(
            "epoch.mkv",
            Lavfi.numbered() + Lavfi.tone(440) + [
                "-c:v", "libx264", "-c:a", "pcm_s16le", "-output_ts_offset", "1800000000",
            ])
        let reading = try Reading(path)
        #expect(reading.numbers == Array(0..<25))
        #expect(abs(reading.pictures[0].time.seconds) < 0.1 && abs((reading.end?.seconds ?? 0) - 1) < 0.1)
    }

    @Test func refusalsSayWhatIsWrong() throws {
        let scratch = try Scratch()
        func message(_ location: MediaLocation) -> String {
            failure { () throws(MediaFileError) in _ = try MediaFileReader(location) }?.description ?? "opened"
        }
        try Data("Chào mừng quý vị đại biểu.".utf8).write(to: URL(fileURLWithPath: scratch("text.mp4")))
        try scratch.make("wide.png", ["-f", "lavfi", "-i", "color=red:s=5000x16", "-frames:v", "1"])
        try scratch.make(
            "film.mp4", Lavfi.numbered(seconds: 2) + ["-c:v", "libx264"])
        try scratch.cut("film.mp4", to: try scratch.size("film.mp4") * 6 / 10, as: "cut.mp4")
        #expect(message(scratch.location("none.mp4")).hasSuffix("none.mp4: there is no such file"))
        #expect(message(scratch.location("text.mp4")).contains("text.mp4: can't be used; expected a film"))
        #expect(message(MediaLocation(scratch.path)).contains("can't be used"))
        #expect(message(MediaLocation("/dev/zero")).contains("can't be used"))
        #expect(message(MediaLocation("gopher://127.0.0.1/x")).contains("can't be used"))
        #expect(message(scratch.location("wide.png")).contains("5000x16 are too large; expected 4096x2304 at most"))
        #expect(message(scratch.location("cut.mp4")).contains("cut.mp4"))
        #expect(message(scratch.location("cut.mp4")) != "opened")
    }

    @Test func secretsStayOutOfMessages() {
        let stream = MediaLocation("rtmp://user:secret@example.vn/live/key-123?token=x")
        #expect(stream.description == "rtmp://example.vn/live/…")
        #expect(MediaLocation("rtsp://admin:1234@10.0.0.7/cam1").description == "rtsp://10.0.0.7/cam1")
        #expect(MediaLocation("srt://10.0.0.7:9000?passphrase=abcdefghijk").description == "srt://10.0.0.7:9000")
        #expect(MediaLocation("/tmp/a:b.mp4").path == "/tmp/a:b.mp4")
        #expect(MediaLocation("file:///tmp/a.MP4").fileExtension == "mp4")
    }
}
