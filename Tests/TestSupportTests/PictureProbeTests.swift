import Media
import TestSupport
import Testing

/// A picture of a given size in one colour, with the numbered strips of sources painted in.
private struct Painter {
    let size: Size
    var bytes: [UInt8]

    init(size: Size, colour: Colour) {
        self.size = size
        let chroma = size.area / 4
        bytes = [UInt8](repeating: UInt8(colour.y.rounded()), count: size.area)
        bytes += [UInt8](repeating: UInt8(colour.u.rounded()), count: chroma)
        bytes += [UInt8](repeating: UInt8(colour.v.rounded()), count: chroma)
    }

    mutating func fill(_ rectangle: Rectangle, colour: Colour) {
        fill(rectangle, luma: UInt8(colour.y.rounded()))
        let half = Size(width: size.width / 2, height: size.height / 2)
        for row in rectangle.y / 2..<(rectangle.y + rectangle.height) / 2 {
            for column in rectangle.x / 2..<(rectangle.x + rectangle.width) / 2 {
                bytes[size.area + row * half.width + column] = UInt8(colour.u.rounded())
                bytes[size.area + half.area + row * half.width + column] = UInt8(colour.v.rounded())
            }
        }
    }

    mutating func fill(_ rectangle: Rectangle, luma: UInt8) {
        for row in rectangle.y..<rectangle.y + rectangle.height {
            for column in rectangle.x..<rectangle.x + rectangle.width { bytes[row * size.width + column] = luma }
        }
    }

    /// Paints the strip of picture `number` for a source that fills `picture`; `wrong` flips one of the 12 bits.
    mutating func paintStrip(_ number: Int, in picture: Rectangle, white: UInt8 = 235, wrong: Int? = nil) {
        let unit = Double(picture.width) / 20
        func square(_ index: Int) -> Rectangle {
            let left = Int((Double(1 + index) * unit).rounded()), right = Int((Double(2 + index) * unit).rounded())
            let top = Int((0.75 * unit).rounded()), bottom = Int((1.75 * unit).rounded())
            return Rectangle(x: picture.x + left, y: picture.y + top, width: right - left, height: bottom - top)
        }
        let code = (number << 3 | (number % 7 + 1)) ^ (wrong.map { 1 << $0 } ?? 0)
        fill(square(0), luma: white)
        for index in 1..<14 {
            let isWhite = index > 1 && code >> (13 - index) & 1 == 1
            fill(square(index), luma: isWhite ? white : 16)
        }
    }

    var probe: PictureProbe { PictureProbe(size: size, bytes: bytes) }
}

@Suite("PictureProbe")
struct PictureProbeTests {
    let blue = Colour(red: 90, green: 170, blue: 240)

    @Test("reads every number from a cell as small as 160x90, wherever it lies")
    func numbers() {
        let cell = Rectangle(x: 320, y: 90, width: 160, height: 90)
        var painter = Painter(size: Size(width: 640, height: 360), colour: blue)
        for number in 0..<512 {
            painter.paintStrip(number, in: cell)
            #expect(painter.probe.frameNumber(in: cell) == number)
        }
    }

    @Test("refuses a number with any one bit wrong")
    func wrongBit() {
        let cell = Rectangle(x: 0, y: 0, width: 320, height: 180)
        for number in [0, 1, 165, 389, 511] {
            for bit in 0..<12 {
                var painter = Painter(size: cell.size, colour: blue)
                painter.paintStrip(number, in: cell, wrong: bit)
                #expect(painter.probe.frameNumber(in: cell) == nil, "number \(number), bit \(bit)")
            }
        }
    }

    @Test("refuses a plain cell, a strip without contrast and a blend of two pictures")
    func noNumber() {
        let cell = Rectangle(x: 0, y: 0, width: 320, height: 180)
        let plain = Painter(size: cell.size, colour: blue)
        #expect(plain.probe.frameNumber(in: cell) == nil)
        var faint = plain
        faint.paintStrip(42, in: cell, white: 50)
        #expect(faint.probe.frameNumber(in: cell) == nil)
        var first = plain
        var second = plain
        first.paintStrip(42, in: cell)
        second.paintStrip(43, in: cell)
        let blend = zip(first.bytes, second.bytes).map { UInt8((Int($0) + Int($1)) / 2) }
        #expect(PictureProbe(size: cell.size, bytes: blend).frameNumber(in: cell) == nil)
    }

    @Test("still reads a dimmed picture")
    func dimmed() {
        let cell = Rectangle(x: 0, y: 0, width: 320, height: 180)
        var painter = Painter(size: cell.size, colour: blue)
        painter.paintStrip(300, in: cell, white: 110)
        #expect(painter.probe.frameNumber(in: cell) == 300)
    }

    @Test("finds a letterboxed source inside its cell")
    func letterboxed() {
        let cell = Rectangle(x: 0, y: 0, width: 320, height: 360)
        let source = Size(width: 1280, height: 720)
        let picture = PictureProbe.letterboxed(source, in: cell)
        #expect(picture == Rectangle(x: 0, y: 90, width: 320, height: 180))
        var painter = Painter(size: cell.size, colour: Colour(y: 16, u: 128, v: 128))
        painter.fill(picture, colour: blue)
        painter.paintStrip(77, in: picture)
        #expect(painter.probe.frameNumber(in: cell, source: source) == 77)
        #expect((painter.probe.colour(in: cell, source: source)?.distance(to: blue) ?? 255) < 1)

        let tall = PictureProbe.letterboxed(
            Size(width: 4, height: 3), in: Rectangle(x: 10, y: 20, width: 320, height: 180))
        #expect(tall == Rectangle(x: 50, y: 20, width: 240, height: 180))
    }

    @Test("tells the site of each cell by its colour, and that there is none")
    func sites() throws {
        let sites = try SyntheticSite.read(manifest: TestMedia.root + "/scripts/sites.tsv")
        #expect(sites.count == 13)
        var painter = Painter(size: Size(width: 1280, height: 720), colour: Colour(y: 16, u: 128, v: 128))
        func cell(_ index: Int) -> Rectangle {
            Rectangle(x: index % 4 * 320, y: index / 4 * 180, width: 320, height: 180)
        }
        for (index, site) in sites.enumerated() { painter.fill(cell(index), colour: site.colour) }
        let probe = painter.probe
        for (index, site) in sites.enumerated() {
            #expect(probe.site(in: cell(index), among: sites)?.id == site.id)
        }
        #expect(probe.site(in: cell(13), among: sites) == nil)
    }

    @Test("the mean of a rectangle is that of its samples; outside is nothing")
    func mean() {
        var painter = Painter(size: Size(width: 64, height: 32), colour: Colour(y: 100, u: 90, v: 200))
        painter.fill(Rectangle(x: 0, y: 0, width: 32, height: 32), colour: Colour(y: 200, u: 110, v: 180))
        let probe = painter.probe
        #expect(probe.mean(of: Rectangle(x: 0, y: 0, width: 64, height: 32)) == Colour(y: 150, u: 100, v: 190))
        #expect(probe.mean(of: Rectangle(x: 40, y: 8, width: 400, height: 400)) == Colour(y: 100, u: 90, v: 200))
        #expect(probe.mean(of: Rectangle(x: 64, y: 0, width: 8, height: 8)) == nil)
        #expect(probe.mean(of: Rectangle(x: -20, y: -20, width: 8, height: 8)) == nil)
    }

    @Test("the colours and the tones of the manifest are apart")
    func manifest() throws {
        let sites = try SyntheticSite.read(manifest: TestMedia.root + "/scripts/sites.tsv")
        for (index, site) in sites.enumerated() {
            for other in sites[..<index] {
                #expect(site.colour.distance(to: other.colour) > 40, "\(site.id) and \(other.id)")
                let ratio = max(site.tone, other.tone) / min(site.tone, other.tone)
                #expect(ratio > 1.05, "\(site.id) and \(other.id)")
                #expect(ratio < 1.9 || abs(ratio - ratio.rounded()) > 0.02, "\(site.id) and \(other.id)")
            }
        }
    }
}
