import Foundation
import Glibc
import Media
import Mixer
import TestSupport
import Testing

@Suite struct MediaFileWriterTests {
    private let scratch: Scratch
    private let aac = MediaFileWriter.Sound.samples(bitrate: Bitrate(bitsPerSecond: 96_000))

    init() throws { scratch = try Scratch() }

    /// What ffprobe says of a file: codec names in the order of the streams, and the packets of each.
    private func probe(_ name: String) throws -> (codecs: [String], packets: [Int]) {
        let process = try Subprocess([
            "ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of",
            "csv=p=0", scratch(name),
        ])
        try #require(process.wait(seconds: 30) == 0, "\(process.output)")
        let lines = process.output.split(separator: "\n").map { $0.split(separator: ",") }.filter { $0.count == 2 }
        // A transport stream's programs come before, with the same streams.
        return (lines.suffix(2).map { String($0[0]) }, lines.suffix(2).map { Int($0[1]) ?? 0 })
    }

    private func expectMeeting(_ name: String, pictures: Int, seconds: Double, within: Double = 0.03) throws {
        let reading = try Reading(scratch(name))
        // libvpx's first picture of VP9 is half a number too bright.
        let numbers = reading.numbers.dropFirst()
        #expect(Array(numbers) == (1..<pictures).map { $0 % 25 }, "\(name)")
        #expect(reading.pictures.count == pictures, "\(name)")
        #expect(reading.pictures.first?.time == .zero, "\(name)")
        if let last = reading.pictures.last {
            #expect(abs(last.time.seconds - Double(pictures - 1) * 0.04) < 0.003, "\(name)")
        }
        #expect(abs(Double(reading.sound.count) / 48_000 - seconds) < within, "\(name): \(reading.sound.count)")
        try #require(reading.sound.count > 24_000, "\(name)")
        let middle = reading.sound[9_600..<reading.sound.count - 9_600]
        #expect(abs(ToneProbe(frequency: 440).amplitude(in: middle) - 0.25) < 0.04, "\(name)")
    }

    @Test(arguments: ["a.mp4", "a.mkv"]) func meetingIsWrittenAsItIs(name: String) throws {
        var meeting = try RecordedMeeting()
        var writer = try MediaFileWriter(scratch.location(name), pictures: RecordedMeeting.pictures, sound: .opus)
        try meeting.write(75, to: &writer)
        try writer.finish()
        #expect(writer.length == .seconds(3))
        let found = try probe(name)
        #expect(found.codecs == ["h264", "opus"])
        #expect(found.packets == [75, 150])
        try expectMeeting(name, pictures: 75, seconds: 3)
    }

    @Test(arguments: ["a.flv", "a.ts", "a.mp4", "a.m3u8"]) func samplesBecomeAAC(name: String) throws {
        var meeting = try RecordedMeeting()
        var writer = try MediaFileWriter(scratch.location(name), pictures: RecordedMeeting.pictures, sound: aac)
        try meeting.write(75, to: &writer)
        try writer.finish()
        #expect(try probe(name).codecs == ["h264", "aac"])
        try expectMeeting(name, pictures: 75, seconds: 3, within: 0.08)
    }

    @Test(arguments: [("b.mp4", VideoCodec.h265), ("b.mp4", .vp9), ("b.mkv", .vp8)])
    func otherCodecsAreWrittenToo(name: String, codec: VideoCodec) throws {
        var meeting = try RecordedMeeting(codec: codec)
        let pictures = MediaFileWriter.Pictures(codec: codec, size: RecordedMeeting.size, frameRate: 25)
        var writer = try MediaFileWriter(scratch.location(name), pictures: pictures, sound: .opus)
        try meeting.write(50, to: &writer)
        try writer.finish()
        try expectMeeting(name, pictures: 50, seconds: 2)
    }

    @Test func recordingBeginsAtAKeyframe() throws {
        var meeting = try RecordedMeeting()
        for _ in 0..<10 { try meeting.tick(picture: { _, _ in }, sound: { _, _, _ in }) }
        var writer = try MediaFileWriter(scratch.location("a.mp4"), pictures: RecordedMeeting.pictures, sound: .opus)
        try meeting.write(40, to: &writer)
        try writer.finish()
        #expect(writer.skipped == 15 + 30)
        try expectMeeting("a.mp4", pictures: 25, seconds: 1)
    }

    /// A killed writer leaves what has reached the file; so does a power cut, but for what the disk hadn't got.
    @Test(arguments: ["a.mp4", "a.mkv"]) func killedRecordingPlaysToItsLastFragment(name: String) throws {
        var meeting = try RecordedMeeting(gop: 4)
        var writer = try MediaFileWriter(scratch.location(name), pictures: RecordedMeeting.pictures, sound: .opus)
        for tenth in 1...9 {
            try meeting.write(15, to: &writer)
            guard tenth > 3 else { continue }
            let written = try scratch.size(name)
            let seconds = Double(tenth) * 0.6
            // As it is, and with the last write cut short.
            for missing in [0, 1, 777] {
                try scratch.cut(name, to: written - missing, as: "cut-" + name)
                let reading = try Reading(scratch("cut-" + name))
                #expect(reading.numbers == reading.numbers.indices.map { $0 % 25 })
                let lost = seconds - Double(reading.pictures.count) * 0.04
                #expect(lost < (missing == 0 ? 1.3 : 2.4), "\(lost) s lost of \(seconds) s, \(missing) bytes missing")
                #expect(Double(reading.sound.count) / 48_000 > seconds - 2.4)
            }
        }
        let player = try Subprocess([
            "ffmpeg", "-nostdin", "-v", "error", "-i", scratch("cut-" + name), "-f", "null", "-",
        ])
        #expect(player.wait(seconds: 30) == 0, "\(player.output)")
    }

    @Test func abandonedRecordingPlays() throws {
        var meeting = try RecordedMeeting()
        do {
            var writer = try MediaFileWriter(
                scratch.location("a.mp4"), pictures: RecordedMeeting.pictures, sound: .opus)
            try meeting.write(80, to: &writer)
        }
        let reading = try Reading(scratch("a.mp4"))
        #expect((50...80).contains(reading.pictures.count))
        #expect(reading.numbers == reading.numbers.indices.map { $0 % 25 })
    }

    @Test(arguments: ["full.mp4", "full.mkv", "full.wav", "full.opus"]) func fullDiskIsToldApart(name: String) throws {
        try FileManager.default.createSymbolicLink(atPath: scratch(name), withDestinationPath: "/dev/full")
        let location = scratch.location(name)
        let isSound = name.hasSuffix(".wav") || name.hasSuffix(".opus")
        var meeting = try RecordedMeeting()
        var writer = try MediaFileWriter(
            location, pictures: isSound ? nil : RecordedMeeting.pictures, sound: name.hasSuffix(".wav") ? aac : .opus)
        #expect(throws: MediaFileError.diskFull(location)) { try meeting.write(100, to: &writer) }
        #expect(writer.failure == .diskFull(location))
        #expect(throws: MediaFileError.diskFull(location)) { try meeting.write(1, to: &writer) }
        #expect(throws: MediaFileError.diskFull(location)) { try writer.finish() }
        #expect(MediaFileError.diskFull(location).description.hasSuffix("\(name): the disk is full"))
    }

    @Test func refusalsSayWhatIsWrong() throws {
        let pictures = RecordedMeeting.pictures
        func message(_ name: String, _ pictures: MediaFileWriter.Pictures?, _ sound: MediaFileWriter.Sound?) -> String {
            failure { () throws(MediaFileError) in
                _ = try MediaFileWriter(scratch.location(name), pictures: pictures, sound: sound)
            }?.description ?? "opened"
        }
        try Data("yesterday".utf8).write(to: URL(fileURLWithPath: scratch("old.mp4")))
        #expect(message("old.mp4", pictures, .opus).contains("there is a file of this name already"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch("old.mp4"))) == Data("yesterday".utf8))
        #expect(message("none/a.mp4", pictures, .opus).contains("there is no such file"))
        #expect(message("a.doc", pictures, .opus).contains("expected a name that ends in .mp4"))
        #expect(message("a.wav", pictures, aac).contains("expected sound alone"))
        #expect(message("a.opus", nil, aac).contains("expected Opus packets"))
        #expect(message("a.flv", pictures, .opus).contains("expected samples"))
        #expect(message("a.mp4", nil, nil).contains("expected pictures or sound"))
        let vp8 = MediaFileWriter.Pictures(codec: .vp8, size: pictures.size, frameRate: 25)
        #expect(message("a.mp4", vp8, .opus).contains("expected pictures in H264, H265, VP9"))
    }

    @Test(arguments: ["site.wav", "site.opus", "site.mka", "site.m4a"]) func oneSoundIsWrittenApart(name: String) throws
    {
        var meeting = try RecordedMeeting()
        let form = name == "site.wav" ? aac : .opus
        var writer = try MediaFileWriter(scratch.location(name), pictures: nil, sound: form)
        try meeting.write(75, to: &writer)
        try writer.finish()
        let reading = try Reading(scratch(name))
        #expect(reading.pictures.isEmpty)
        try #require(abs(Double(reading.sound.count) / 48_000 - 3) < 0.03)
        #expect(abs(ToneProbe(frequency: 440).amplitude(in: reading.sound[9_600..<134_400]) - 0.25) < 0.04)
    }

    @Test func silentTimesKeepTheirPlaceInAWAV() throws {
        let storage = AudioBlockStorage(capacity: 1)
        _ = storage[0].buffer.update(from: Sound.tone(500, amplitude: 0.5, tick: 0))
        var writer = try MediaFileWriter(scratch.location("a.wav"), pictures: nil, sound: aac)
        for tick in Array(0..<50) + Array(150..<200) {
            try writer.write(storage[0], at: .seconds(77) + AudioBlock.duration * tick)
        }
        // One that comes twice is left out.
        try writer.write(storage[0], at: .seconds(77) + AudioBlock.duration * 100)
        try writer.finish()
        #expect(writer.skipped == 1)
        let file = try WAVFile(path: scratch("a.wav"))
        #expect(file.sampleRate == 48_000 && file.channels == 1)
        try #require(file.samples.count == 200 * AudioBlock.count)
        #expect(Sound.peak(file.samples[..<48_000]) > 0.45)
        #expect(Sound.peak(file.samples[48_000..<144_000]) == 0)
        #expect(Sound.peak(file.samples[144_000...]) > 0.45)
    }

    @Test func soundAndPictureOfARecordingAreInSync() throws {
        for (name, sound) in [("a.mp4", MediaFileWriter.Sound.opus), ("b.mp4", aac), ("c.flv", aac)] {
            var writer = try MediaFileWriter(scratch.location(name), pictures: RecordedMeeting.pictures, sound: sound)
            var video = try VideoEncoder(
                VideoEncoderSettings(
                    size: RecordedMeeting.size, frameRate: 25, bitrate: Bitrate(bitsPerSecond: 600_000),
                    preset: "ultrafast"))
            var opus = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 64_000))
            let canvas = Canvas(size: RecordedMeeting.size)
            let storage = AudioBlockStorage(capacity: 1)
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: OpusEncoder.largestPacket, alignment: 16)
            defer { bytes.deallocate() }
            for tick in 0..<100 {
                let time = Interval.seconds(5) + AudioBlock.duration * tick
                let isLoud = (40..<60).contains(tick)
                if tick.isMultiple(of: 2) {
                    canvas.withRaster { $0.fill(Colour(y: isLoud ? 235 : 16)) }
                    let unit = video.encode(canvas, timestamp: Int64(tick * 1800))
                    try writer.write(try #require(unit), at: time)
                }
                _ = storage[0].buffer.update(from: Sound.tone(1000, amplitude: isLoud ? 0.5 : 0, tick: tick))
                if sound == .opus {
                    let count = opus.encode(storage[0], into: bytes) ?? 0
                    try writer.write(opus: UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: time)
                } else {
                    try writer.write(storage[0], at: time)
                }
            }
            try writer.finish()
            let reading = try Reading(scratch(name))
            let flash = try #require(reading.pictures.first { ($0.picture.colour(x: 8, y: 8)?.y ?? 0) > 128 })
            let clap = try #require(reading.onset())
            #expect(abs(flash.time.seconds - 0.8) < 0.003, "\(name)")
            #expect(abs(clap - 0.8) < 0.015, "\(name): clap at \(clap)")
        }
    }
}
