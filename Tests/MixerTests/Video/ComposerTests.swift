import Media
import Mixer
import Testing

@Suite struct ComposerTests {
    private let size = Size(width: 640, height: 360)
    private let left = Rectangle(x: 0, y: 0, width: 320, height: 180)
    private let right = Rectangle(x: 320, y: 0, width: 320, height: 180)
    private let speaker = Colour.speaker

    private func composer() -> Composer { Composer(tiles: TileCache(), labels: LabelCache()) }

    private func compose(_ cells: [CellContent]) throws -> Canvas {
        try #require(composer().compose(Scene(size: size, cells: cells))).canvas
    }

    @Test func coloursLandInTheirCells() throws {
        let picture = quarters(Size(width: 1280, height: 720))
        let canvas = try compose([
            CellContent(rectangle: left, picture: picture), CellContent(rectangle: right, picture: plain(blue)),
        ])
        #expect(canvas.colour(x: 80, y: 45).distance(to: red) <= 2)
        #expect(canvas.colour(x: 240, y: 45).distance(to: green) <= 2)
        #expect(canvas.colour(x: 240, y: 135).distance(to: blue) <= 2)
        #expect(canvas.colour(x: 80, y: 135).distance(to: grey) <= 2)
        #expect(canvas.colour(x: 480, y: 90).distance(to: blue) <= 2)
        #expect(canvas.colour(x: 480, y: 270) == .background)
    }

    @Test func letterboxHasBarsAndCropHasNone() throws {
        let square = Picture(size: Size(width: 240, height: 240)) { $0.fill(green) }
        let canvas = try compose([
            CellContent(rectangle: left, picture: square, fit: .letterbox),
            CellContent(rectangle: right, picture: square, fit: .crop),
        ])
        #expect(canvas.colour(x: 10, y: 90) == .background)
        #expect(canvas.colour(x: 68, y: 90) == .background)
        #expect(canvas.colour(x: 72, y: 90).distance(to: green) <= 2)
        #expect(canvas.colour(x: 160, y: 2).distance(to: green) <= 2)
        #expect(canvas.colour(x: 252, y: 90) == .background)
        for x in [320, 480, 639] { #expect(canvas.colour(x: x, y: 90).distance(to: green) <= 2) }
    }

    /// libswscale's rows run over their end at such widths; no sample outside of the cell may change.
    @Test(arguments: [PictureFit.letterbox, .crop]) func nothingOutsideOfACellIsTouched(fit: PictureFit) throws {
        let picture = quarters(Size(width: 426, height: 240))
        for width in stride(from: 32, through: 98, by: 2) {
            let rectangle = Rectangle(x: 34, y: 22, width: width, height: 54)
            let composer = composer()
            let canvasSize = Size(width: 256, height: 128)
            var cell = CellContent(rectangle: rectangle, label: "Gia Bình", appearance: .blank)
            let sentinel = Colour(y: 201, cb: 77, cr: 33)
            // Let go of at once: the same canvas is painted again.
            try #require(composer.compose(Scene(size: canvasSize, cells: [cell]))).canvas.withRaster {
                $0.fill(sentinel)
            }
            cell.picture = picture
            cell.fit = fit
            cell.hasFault = true
            cell.isSpeaking = true
            cell.appearance = .live
            let canvas = try #require(composer.compose(Scene(size: canvasSize, cells: [cell]))).canvas
            var touched = 0
            for y in 0..<128 {
                for x in 0..<256 where !((34..<34 + width).contains(x) && (22..<76).contains(y)) {
                    if canvas.colour(x: x, y: y) != sentinel { touched += 1 }
                }
            }
            #expect(touched == 0, "width \(width)")
            #expect(canvas.colour(x: 34, y: 22) == .speaker)
        }
    }

    @Test func unchangedCellIsNotTouched() throws {
        let composer = composer()
        let tokens = (plain(red), plain(blue))
        var cells = [CellContent(rectangle: left, picture: tokens.0), CellContent(rectangle: right, picture: tokens.1)]
        func compose() throws -> Int {
            let composed = try #require(composer.compose(Scene(size: size, cells: cells)))
            return composed.paintedCells
        }
        #expect(try compose() == 2)
        #expect(try compose() == 0)
        // A sample put in by hand stays where nothing changes, and goes where something does.
        try #require(composer.compose(Scene(size: size, cells: cells))).canvas.withRaster {
            $0.luma[90 * $0.lumaStride + 100] = 222
        }
        cells[1].picture = plain(green)
        #expect(try compose() == 1)
        func poked() throws -> UInt8 {
            try #require(composer.compose(Scene(size: size, cells: cells))).canvas.colour(x: 100, y: 90).y
        }
        #expect(try poked() == 222)
        cells[0].isSpeaking = true
        #expect(try compose() == 1)
        #expect(try poked() == red.y)
    }

    @Test func heldCanvasIsLeftAlone() throws {
        let composer = composer()
        func compose(_ colour: Colour) -> Canvas? {
            composer.compose(Scene(size: size, cells: [CellContent(rectangle: left, picture: plain(colour))]))?.canvas
        }
        var held: [Canvas] = []
        let colours = [red, green, blue, red, green, blue, red, green]
        for colour in colours { held.append(try #require(compose(colour))) }
        #expect(Set(held.map(ObjectIdentifier.init)).count == 8)
        #expect(compose(grey) == nil)
        for (canvas, colour) in zip(held, colours) {
            #expect(canvas.colour(x: 100, y: 90).distance(to: colour) <= 2)
        }
        let freed = ObjectIdentifier(held.remove(at: 1))
        let next = try #require(compose(grey))
        #expect(ObjectIdentifier(next) == freed)
        #expect(next.colour(x: 100, y: 90).distance(to: grey) <= 2)
    }

    /// Whatever changes, a canvas painted step by step is the one painted at once.
    @Test func incrementalPaintingEqualsPaintingAnew() throws {
        let composer = composer()
        var random = SeededGenerator(state: 11)
        let pictures = [red, green, blue, grey].map { plain($0) } + [quarters(Size(width: 320, height: 240))]
        let rectangles = [
            left, right, Rectangle(x: 0, y: 180, width: 426, height: 180),
            Rectangle(x: 470, y: 250, width: 160, height: 90),
            Rectangle(x: 400, y: 100, width: 200, height: 160),
        ]
        var cells = rectangles.prefix(4).map { CellContent(rectangle: $0) }
        var held: [Canvas] = []
        for round in 0..<120 {
            let index = Int.random(in: 0..<cells.count, using: &random)
            switch Int.random(in: 0..<9, using: &random) {
            case 0: cells[index].isSpeaking.toggle()
            case 1: cells[index].hasFault.toggle()
            case 2: cells[index].appearance = .dimmed
            case 3: cells[index].appearance = .slate(Slate(title: "Tiên Du", reason: "no signal"))
            case 4: cells[index].appearance = .blank
            case 5: cells[index].label = ["Quế Võ", "Từ Sơn", nil].randomElement(using: &random)!
            case 6: cells[index].fit = cells[index].fit == .crop ? .letterbox : .crop
            case 7 where round % 7 == 0: cells[index].rectangle = rectangles.randomElement(using: &random)!
            default:
                cells[index].appearance = .live
                cells[index].picture = pictures.randomElement(using: &random)
            }
            let scene = Scene(size: size, cells: Array(cells))
            let canvas = try #require(composer.compose(scene)).canvas
            let fresh = try #require(self.composer().compose(scene)).canvas
            #expect(canvas.samples == fresh.samples, "round \(round)")
            held.append(canvas)
            if held.count > 2 { held.removeFirst() }
        }
    }

    @Test func borderIsOnTheSpeakerOnly() throws {
        let canvas = try compose([
            CellContent(rectangle: left, picture: plain(grey), isSpeaking: true),
            CellContent(rectangle: right, picture: plain(grey)),
        ])
        for (x, y) in [(0, 0), (3, 90), (160, 3), (319, 179), (318, 90), (160, 177)] {
            #expect(canvas.colour(x: x, y: y) == speaker)
        }
        #expect(canvas.colour(x: 4, y: 90).distance(to: grey) <= 2)
        #expect(canvas.colour(x: 320, y: 90).distance(to: grey) <= 2)
        #expect(canvas.colour(x: 639, y: 90).distance(to: grey) <= 2)
    }

    @Test func dimmedPictureIsDarker() throws {
        let canvas = try compose([CellContent(rectangle: left, picture: plain(red), appearance: .dimmed)])
        let colour = canvas.colour(x: 160, y: 90)
        // 45 % of the way from black and from no colour.
        #expect(colour.distance(to: Colour(y: 37, cb: 116, cr: 178)) <= 1)
    }

    @Test func faultMarkIsAtTheTopRight() throws {
        func canvas(_ hasFault: Bool) throws -> Canvas {
            try compose([CellContent(rectangle: left, picture: plain(blue), hasFault: hasFault)])
        }
        let (marked, bare) = (try canvas(true).samples, try canvas(false).samples)
        let changed = (0..<640 * 360).filter { marked[$0] != bare[$0] }
        #expect(changed.count > 60)
        #expect(changed.allSatisfy { (280..<320).contains($0 % 640) && $0 / 640 < 40 })
        #expect(changed.contains { marked[$0] > 150 })
    }

    @Test func slateHasItsTextsInTheMiddle() throws {
        let slate = Slate(title: "Huyện ủy Gia Bình", reason: "Không có tín hiệu · no signal")
        let canvas = try compose([
            CellContent(rectangle: left, label: "hidden", picture: plain(red), appearance: .slate(slate))
        ])
        #expect(canvas.colour(x: 4, y: 4) == .slate)
        var bright: [(x: Int, y: Int)] = []
        for y in 0..<180 { for x in 0..<320 where canvas.colour(x: x, y: y).y > 120 { bright.append((x, y)) } }
        #expect(bright.count > 200)
        #expect(bright.allSatisfy { (20..<300).contains($0.x) && (50..<130).contains($0.y) })
    }

    @Test func cellsOutsideOfTheCanvasAreCut() throws {
        let canvas = try compose([
            CellContent(rectangle: Rectangle(x: 561, y: 301, width: 200, height: 200), picture: plain(red), fit: .crop),
            CellContent(rectangle: Rectangle(x: 900, y: 0, width: 20, height: 20), picture: plain(red)),
            CellContent(rectangle: Rectangle(x: -40, y: -40, width: 60, height: 60), picture: plain(green), fit: .crop),
        ])
        #expect(canvas.colour(x: 639, y: 359).distance(to: red) <= 2)
        #expect(canvas.colour(x: 0, y: 0).distance(to: green) <= 2)
        #expect(canvas.colour(x: 20, y: 20) == .background)
    }

    @Test func newSizeMakesNewCanvases() throws {
        let composer = composer()
        #expect(try #require(composer.compose(Scene(size: size, cells: []))).canvas.size == size)
        let other = Size(width: 1280, height: 720)
        let canvas = try #require(composer.compose(Scene(size: other, cells: []))).canvas
        #expect(canvas.size == other)
        let stride = canvas.withRaster { $0.lumaStride }
        #expect(stride % 64 == 0 && stride % 1024 != 0)
        #expect(canvas.colour(x: 1279, y: 719) == .background)
    }
}
