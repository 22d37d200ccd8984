import CFFmpeg
import Media
import Mixer
import Testing

@Suite struct JPEGWriterTests {
    /// The mean RGB of a point of a JPEG, as any viewer shows it.
    private func decoded(_ jpeg: [UInt8]) throws -> (size: Size, luma: (Int, Int) -> Int) {
        let codec = try #require(avcodec_find_decoder(AV_CODEC_ID_MJPEG))
        var context = avcodec_alloc_context3(codec)
        defer { avcodec_free_context(&context) }
        #expect(avcodec_open2(context, codec, nil) == 0)
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        #expect(av_new_packet(packet, Int32(jpeg.count)) == 0)
        jpeg.withUnsafeBytes {
            packet!.pointee.data.update(from: $0.bindMemory(to: UInt8.self).baseAddress!, count: jpeg.count)
        }
        var frame = av_frame_alloc()
        defer { av_frame_free(&frame) }
        #expect(avcodec_send_packet(context, packet) == 0 && avcodec_receive_frame(context, frame) == 0)
        let found = frame!.pointee
        let stride = Int(found.linesize.0)
        let rows = (0..<Int(found.height)).map { y in (0..<Int(found.width)).map { Int(found.data.0![y * stride + $0]) }
        }
        return (Size(width: Int(found.width), height: Int(found.height)), { rows[$1][$0] })
    }

    @Test func aCanvasIsSmallAndInItsColours() throws {
        let canvas = Canvas(size: Size(width: 1280, height: 720))
        canvas.withRaster { $0.paintQuarters() }
        var writer = JPEGWriter()
        let made = writer.jpeg(canvas, width: 480)
        let jpeg = try #require(made)
        let (size, luma) = try decoded(jpeg)
        #expect(size == Size(width: 480, height: 270))
        #expect(jpeg.count < 20_000)
        // Red, green, blue and grey in full range and BT.601: 76, 150, 29, 128.
        for (x, y, expected) in [(100, 60, 76), (380, 60, 150), (380, 200, 29), (100, 200, 128)] {
            #expect(abs(luma(x, y) - expected) <= 4, "\(x) \(y): \(luma(x, y))")
        }
    }

    @Test func sizesAndFormatsMayChangeFromPictureToPicture() throws {
        var writer = JPEGWriter()
        for (size, aspect, height) in [
            (Size(width: 640, height: 360), SampleAspect.square, 90), (Size(width: 320, height: 240), .square, 120),
            (Size(width: 352, height: 288), SampleAspect(width: 12, height: 11), 120),
            (Size(width: 640, height: 360), .square, 90),
        ] {
            let picture = Picture(size: size, sampleAspect: aspect, isFullRange: height == 90) { $0.paintQuarters() }
            let made = writer.jpeg(picture, width: 160)
            let jpeg = try #require(made)
            let found = try decoded(jpeg).size
            #expect(found.width == 160 && abs(found.height - height) <= 2, "\(size): \(found)")
        }
    }
}
