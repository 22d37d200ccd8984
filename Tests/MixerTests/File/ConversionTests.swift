import Media
import Mixer
import TestSupport
import Testing

@Suite struct FileConversionTests {
    /// Files in many forms, all plain red, in the colours of BT.709.
    private static let forms: [(name: String, arguments: [String])] = [
        ("eight.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv420p"]),
        ("ten.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"]),
        ("ten-hevc.mp4", ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none:pools=none"]),
        ("broad.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv422p"]),
        ("broad-ten.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv422p10le"]),
        ("whole.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv444p"]),
        ("semi.nut", ["-c:v", "rawvideo", "-pix_fmt", "nv12"]),
        ("packed.avi", ["-c:v", "rawvideo", "-pix_fmt", "yuyv422"]),
    ]

    @Test(arguments: forms.indices) func yuvOfAnyKindIsFitForTheCanvas(index: Int) throws {
        let scratch = try Scratch()
        let form = Self.forms[index]
        let path = try scratch.make(
            form.name,
            ["-f", "lavfi", "-i", "color=red:s=320x600:r=25:d=0.2,scale=out_color_matrix=bt709:out_range=tv"]
                + form.arguments + ["-colorspace", "bt709", "-color_range", "tv"])
        let reading = try Reading(path)
        #expect(reading.pictures.count == 5, "\(form.name)")
        for entry in reading.pictures {
            let colour = try #require(entry.picture.colour(x: 160, y: 300), "\(form.name)")
            #expect(colour.distance(to: red) <= 3, "\(form.name): \(colour)")
        }
    }

    @Test(arguments: ["a.png", "a.jpg", "a.bmp", "a.gif", "a.webp", "a.ppm"])
    func stillOfAnyKindIsAPicture(name: String) throws {
        let scratch = try Scratch()
        let path = try scratch.make(
            name,
            ["-f", "lavfi", "-i", "color=0x3080C0:s=200x100:d=0.04,format=rgb24", "-frames:v", "1"]
                + (name == "a.webp" ? ["-lossless", "1"] : []))
        let reading = try Reading(path)
        #expect(reading.pictures.count == 1)
        let picture = try #require(reading.pictures.first?.picture)
        #expect(picture.size == Size(width: 200, height: 100))
        // Through the composer, as it is shown: whatever matrix the file has.
        let composer = Composer(tiles: TileCache(), labels: LabelCache())
        let whole = CellContent(rectangle: Rectangle(x: 0, y: 0, width: 200, height: 100), picture: picture)
        let composed = try #require(composer.compose(Scene(size: Size(width: 200, height: 100), cells: [whole])))
        // #3080C0 by BT.709: Y = 0.2126 R + 0.7152 G + 0.0722 B.
        let colour = composed.canvas.colour(x: 100, y: 50)
        // ffmpeg gives a GIF a palette of eight reds, eight greens and four blues.
        let tolerance = name == "a.gif" ? 12 : 4
        #expect(colour.distance(to: Colour(y: 116, cb: 162, cr: 93)) <= tolerance, "\(name): \(colour)")
    }

    @Test func seeThroughLiesOnBlack() throws {
        let scratch = try Scratch()
        let path = try scratch.make(
            "logo.png",
            [
                "-f", "lavfi", "-i",
                "nullsrc=s=64x64:d=0.04,format=rgba,geq=r=255:g=0:b=0:a='if(lt(X\\,32)\\,255\\,0)'", "-frames:v", "1",
            ])
        let picture = try #require(try Reading(path).pictures.first?.picture)
        let shown = try #require(picture.colour(x: 8, y: 32)), hidden = try #require(picture.colour(x: 56, y: 32))
        #expect(shown.distance(to: red) <= 3, "\(shown)")
        #expect(hidden.distance(to: .background) <= 3, "\(hidden)")
    }

    @Test(arguments: ["101x75", "1x1", "2x3", "333x1"]) func oddSizesBecomeEven(size: String) throws {
        let scratch = try Scratch()
        let source = "color=red:s=\(size):d=0.04,format=rgb24"
        let path = try scratch.make("odd.png", ["-f", "lavfi", "-i", source, "-frames:v", "1"])
        let picture = try #require(try Reading(path).pictures.first?.picture)
        #expect(picture.size.width.isMultiple(of: 2) && picture.size.height.isMultiple(of: 2))
        #expect(try #require(picture.colour(x: 0, y: 0)).distance(to: red) <= 3)
        let last = try #require(picture.colour(x: picture.size.width - 1, y: picture.size.height - 1))
        #expect(last.distance(to: red) <= 3)
    }

    @Test func oddFilmBecomesEven() throws {
        let scratch = try Scratch()
        let path = try scratch.make("odd.webm", Lavfi.numbered("101x75") + ["-c:v", "libvpx", "-b:v", "500k"])
        let reading = try Reading(path)
        #expect(reading.pictures.allSatisfy { $0.picture.size == Size(width: 100, height: 74) })
        #expect(reading.numbers == Array(0..<25))
    }

    @Test func surroundIsMixedWithTheCentreForemost() throws {
        let scratch = try Scratch()
        // Front left, front right, centre, LFE, side left, side right.
        let path = try scratch.make(
            "cinema.wav",
            [
                "-f", "lavfi", "-i",
                "aevalsrc='0.2*sin(2*PI*500*t)|0|0.2*sin(2*PI*800*t)|0.2*sin(2*PI*60*t)|0|0.2*sin(2*PI*1100*t)'"
                    + ":c=5.1:s=48000:d=1",
            ])
        let sound = try Reading(path).sound
        func level(_ frequency: Double) -> Double { ToneProbe(frequency: frequency).amplitude(in: sound) }
        #expect(level(800) > 0.1 && level(800) < 0.2)
        #expect(level(500) > 0.05 && level(500) < level(800))
        #expect(level(1100) > 0.03 && level(1100) < level(500))
        #expect(level(60) < 0.02)
    }

    @Test(arguments: [
        "8000/pcm_u8/wav", "16000/pcm_s16le/wav", "96000/flac/flac", "44100/libmp3lame/mp3", "48000/libvorbis/ogg",
    ])
    func soundOfAnyRateKeepsItsPitch(form: String) throws {
        let parts = form.split(separator: "/").map(String.init)
        let scratch = try Scratch()
        let path = try scratch.make(
            "tone." + parts[2],
            Lavfi.tone(440, seconds: 2, rate: Int(parts[0])!, channels: 2) + ["-c:a", parts[1]])
        let sound = try Reading(path).sound
        try #require(abs(Double(sound.count) / 48_000 - 2) < 0.06, "\(sound.count)")
        #expect(abs(ToneProbe(frequency: 440).amplitude(in: sound[9_600..<86_400]) - 0.25) < 0.02)
    }
}
