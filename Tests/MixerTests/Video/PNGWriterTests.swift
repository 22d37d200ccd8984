import Media
import Mixer
import Testing

@Suite struct PNGWriterTests {
    @Test func canvasBecomesAPNGOfItsSize() throws {
        let canvas = Canvas(size: Size(width: 320, height: 180))
        canvas.withRaster { $0.paintQuarters() }
        let bytes = try #require(PNGWriter.png(canvas))
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Array(bytes[16..<24]) == [0, 0, 1, 64, 0, 0, 0, 180])
    }

    @Test func pictureBecomesAPNG() throws {
        let bytes = try #require(PNGWriter.png(quarters(Size(width: 64, height: 36))))
        #expect(bytes.count > 60)
    }
}
