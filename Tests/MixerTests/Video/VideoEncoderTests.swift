import Media
import Mixer
import Testing

@Suite struct VideoEncoderTests {
    private let size = Size(width: 320, height: 180)

    /// Encoders of H.264 that are on every machine.
    private static let ours = ["libx264", "openh264"]

    private func settings(_ change: (inout VideoEncoderSettings) -> Void = { _ in }) -> VideoEncoderSettings {
        var settings = VideoEncoderSettings(
            size: size, frameRate: 30, bitrate: Bitrate(bitsPerSecond: 600_000), preset: "ultrafast")
        change(&settings)
        return settings
    }

    @Test(arguments: ours) func forcedKeyframeIsIDRWithParameterSets(name: String) throws {
        let stream = try RecordedStream(settings { $0.encoderName = name }, count: 12, forced: [7]) {
            $0.paintMotion(step: $1)
        }
        #expect(stream.units.count == 12)
        #expect(stream.keyframes.indices.filter { stream.keyframes[$0] } == [0, 7])
        for index in [0, 7] {
            let types = nalUnits(stream.units[index]).map { $0.first! & 0x1F }.filter { $0 != 6 }
            #expect(types == [7, 8, 5])
        }
        #expect(nalUnits(stream.units[3]).map { $0.first! & 0x1F } == [1])
    }

    @Test(arguments: ours) func gopIsKeptInSeconds(name: String) throws {
        let stream = try RecordedStream(
            settings {
                $0.gop = 0.5; $0.encoderName = name
            }, count: 32
        ) { $0.paintMotion(step: $1) }
        #expect(stream.keyframes.indices.filter { stream.keyframes[$0] } == [0, 15, 30])
    }

    @Test(arguments: ours) func profileIsInTheParameterSet(name: String) throws {
        func profile(_ wanted: VideoEncoderSettings.Profile) throws -> [UInt8] {
            let stream = try RecordedStream(
                settings {
                    $0.profile = wanted; $0.preset = "superfast"; $0.encoderName = name
                }, count: 1
            ) { $0.paintMotion(step: $1) }
            let parameterSet = try #require(nalUnits(stream.units[0]).first { $0.first! & 0x1F == 7 })
            return Array(parameterSet.dropFirst().prefix(2))
        }
        let baseline = try profile(.constrainedBaseline)
        #expect(baseline[0] == 0x42 && baseline[1] & 0xC0 == 0xC0)
        #expect(try profile(.high)[0] == 0x64)
    }

    @Test(arguments: ours) func slicesStayUnderTheirLimit(name: String) throws {
        let limited = settings {
            $0.maxSliceBytes = 1200; $0.bitrate = Bitrate(bitsPerSecond: 3_000_000); $0.encoderName = name
        }
        let stream = try RecordedStream(limited, count: 6) { raster, index in raster.paintNoise(seed: UInt64(index)) }
        let units = stream.units.flatMap { nalUnits($0) }
        #expect(units.count > 20)
        #expect(units.allSatisfy { $0.count <= 1200 })
    }

    @Test(arguments: ours) func bitrateIsKeptAndChanges(name: String) throws {
        var encoder = try VideoEncoder(
            settings {
                $0.preset = "superfast"; $0.encoderName = name
            })
        let canvas = Canvas(size: size)
        func kilobits(frames: Range<Int>) -> Int {
            var bytes = 0
            for index in frames {
                canvas.withRaster { raster in
                    // To OpenH264 a picture of which nothing stays is a new scene, and so a keyframe each time.
                    let part = Rectangle(x: 0, y: 0, width: name == "openh264" ? 120 : 320, height: 180)
                    raster.part(part).paintNoise(seed: UInt64(index))
                }
                bytes += encoder.encode(canvas, timestamp: Int64(index * 3000))?.bytes.count ?? 0
            }
            return bytes * 8 * 30 / frames.count / 1000
        }
        // With the first keyframe.
        #expect((450...950).contains(kilobits(frames: 0..<90)))
        let isChanged = encoder.setBitrate(Bitrate(bitsPerSecond: 1_800_000))
        #expect(isChanged)
        _ = kilobits(frames: 90..<(name == "openh264" ? 240 : 105))
        #expect((1400...2300).contains(kilobits(frames: 105..<165)))
    }

    @Test(arguments: VideoCodec.allCases) func keyframeOnDemandInEveryCodec(codec: VideoCodec) throws {
        let stream = try RecordedStream(settings { $0.codec = codec }, count: 6, forced: [4]) {
            $0.paintMotion(step: $1)
        }
        #expect(stream.units.count == 6)
        #expect(stream.keyframes == [true, false, false, false, true, false])
    }

    @Test(arguments: ours) func canvasOfAnotherSizeIsScaled(name: String) throws {
        let stream = try RecordedStream(
            settings { $0.encoderName = name }, count: 2, canvasSize: Size(width: 1280, height: 720)
        ) { raster, _ in
            raster.paintQuarters()
        }
        var decoder = try openDecoder(.h264)
        let picture = try #require(decoder.decode(stream.units[0], isKeyframe: true).picture)
        #expect(picture.size == size)
        #expect(try #require(picture.colour(x: 80, y: 45)).distance(to: red) <= 8)
        #expect(try #require(picture.colour(x: 240, y: 135)).distance(to: blue) <= 8)
    }

    @Test(arguments: ours) func timestampsAlwaysRise(name: String) throws {
        var encoder = try VideoEncoder(settings { $0.encoderName = name })
        let canvas = Canvas(size: size)
        let timestamps = [0, 3000, 3000, 2000, 9000].map { encoder.encode(canvas, timestamp: $0)?.timestamp }
        #expect(timestamps == [0, 3000, 3001, 3002, 9000])
    }

    @Test func encoderLetsGoOfTheCanvas() throws {
        var encoder = try VideoEncoder(settings())
        let composer = Composer(tiles: TileCache(), labels: LabelCache())
        for index in 0..<6 {
            let scene = Scene(
                size: size,
                cells: [CellContent(rectangle: Rectangle(x: 0, y: 0, width: 320, height: 180), picture: plain(red))])
            let composed = try #require(composer.compose(scene))
            #expect(encoder.encode(composed.canvas, timestamp: Int64(index * 3000)) != nil)
        }
    }

    /// A recording that goes on with another encoder counts on it: its file has the first one's.
    @Test(arguments: ["superfast", "veryfast"]) func theFastestPresetsHaveTheSameParameterSets(preset: String) throws {
        func sets(_ preset: String, frameRate: Int) throws -> [[UInt8]] {
            let stream = try RecordedStream(
                settings {
                    $0.preset = preset; $0.frameRate = frameRate
                }, count: 1
            ) { $0.paintMotion(step: $1) }
            return nalUnits(stream.units[0]).filter { [7, 8].contains($0.first! & 0x1F) }.map { Array($0) }
        }
        let (own, hurried) = (try sets(preset, frameRate: 30), try sets("ultrafast", frameRate: 30))
        #expect(own.count == 2 && own == hurried)
        // The timing is in the first set.
        let halved = try sets("ultrafast", frameRate: 15)
        #expect(halved.count == 2 && halved.last == own.last)
    }

    @Test func refusalsNameTheEncoder() {
        func message(_ change: (inout VideoEncoderSettings) -> Void) -> String {
            do {
                _ = try VideoEncoder(settings(change))
                return "opened"
            } catch {
                return error.description
            }
        }
        #expect(message { $0.encoderName = "libnothing" } == "no encoder 'libnothing' for H264 on this machine")
        #expect(message { $0.encoderName = "libvpx" } == "encoder 'libvpx' doesn't make H264")
        #expect(message { $0.preset = "warp" }.hasPrefix("encoder 'libx264' for H264 can't be used"))
        #expect(message { $0.size = Size(width: 321, height: 180) }.contains("isn't even"))
        #expect(message { $0.frameRate = 0 }.contains("frame rate 0"))
        #expect(VideoEncoder.isAvailable("libx264", for: .h264))
        #expect(!VideoEncoder.isAvailable("libx264", for: .vp8))
        #expect(!VideoEncoder.isAvailable("libnothing", for: .h264))
        #expect(VideoEncoder.isAvailable("openh264", for: .h264))
        #expect(!VideoEncoder.isAvailable("openh264", for: .h265))
        #expect(
            message {
                $0.encoderName = "openh264"; $0.codec = .vp8
            } == "encoder 'openh264' doesn't make VP8")
    }

    /// Where there is no such hardware too: what it would make can't be sent.
    @Test(arguments: ["h264_vaapi", "h264_nvenc", "h264_qsv"])
    func slicesOfASizeAreRefusedByWhoDoesNotKeepToIt(name: String) {
        let error = #expect(throws: VideoEncoderError.self) {
            _ = try VideoEncoder(
                settings {
                    $0.encoderName = name; $0.maxSliceBytes = 1200
                })
        }
        #expect(error?.description.contains("packetization-mode 0") == true)
    }

    /// Hardware is rarely there; what matters is a message and no crash.
    @Test(arguments: ["h264_vaapi", "h264_nvenc", "h264_qsv"]) func hardwareOpensOrSaysWhy(name: String) {
        do {
            _ = try VideoEncoder(settings { $0.encoderName = name })
        } catch {
            #expect(error.description.contains(name))
        }
    }
}
