import Media
import Mixer
import Testing

@Suite struct ScalerTests {
    /// A colour through the given matrix and range and back: what the canvas must show is the same RGB.
    private func shown(_ colour: Colour, isFullRange: Bool, matrix: ColourMatrix, size: Size) throws -> Colour {
        let picture = Picture(size: size, isFullRange: isFullRange, matrix: matrix) { $0.fill(colour) }
        let tiles = TileCache()
        let whole = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        let tile = try #require(tiles.tile(picture, whole, size: Size(width: 64, height: 36)))
        return withExtendedLifetime(tiles) { tile.colour(x: 30, y: 20) }
    }

    /// Limited-range samples of an RGB colour (H.273 section 8.3), full range if asked.
    private func encoded(_ red: Double, _ green: Double, _ blue: Double, _ weights: (Double, Double), full: Bool)
        -> Colour
    {
        let luma = weights.0 * red + (1 - weights.0 - weights.1) * green + weights.1 * blue
        let cb = (blue - luma) / (2 * (1 - weights.1))
        let cr = (red - luma) / (2 * (1 - weights.0))
        return full
            ? Colour(
                y: UInt8((255 * luma).rounded()), cb: UInt8(min(255, (128 + 255 * cb).rounded())),
                cr: UInt8(min(255, (128 + 255 * cr).rounded())))
            : Colour(
                y: UInt8((16 + 219 * luma).rounded()), cb: UInt8((128 + 224 * cb).rounded()),
                cr: UInt8((128 + 224 * cr).rounded()))
    }

    @Test(arguments: [ColourMatrix.bt709, .bt601, .bt2020], [false, true])
    func coloursComeOutInTheCanvasTerms(matrix: ColourMatrix, isFullRange: Bool) throws {
        let weights: [ColourMatrix: (Double, Double)] = [
            .bt709: (0.2126, 0.0722), .bt601: (0.299, 0.114), .bt2020: (0.2627, 0.0593),
        ]
        for (red, green, blue) in [
            (0.9, 0.1, 0.1), (0.1, 0.8, 0.2), (0.15, 0.2, 0.85), (0.5, 0.5, 0.5), (0.95, 0.9, 0.3),
        ] {
            let source = encoded(red, green, blue, weights[matrix]!, full: isFullRange)
            let wanted = encoded(red, green, blue, weights[.bt709]!, full: false)
            for size in [Size(width: 64, height: 36), Size(width: 320, height: 180)] {
                let got = try shown(source, isFullRange: isFullRange, matrix: matrix, size: size)
                #expect(got.distance(to: wanted) <= 2, "\(matrix) full \(isFullRange) \(size): \(got) for \(wanted)")
            }
        }
    }

    @Test func croppedPartIsTheMiddle() throws {
        let picture = Picture(size: Size(width: 400, height: 200)) { raster in
            raster.fill(red)
            raster.fill(Rectangle(x: 100, y: 0, width: 200, height: 200), green)
        }
        let tiles = TileCache()
        let tile = try #require(
            tiles.tile(picture, Rectangle(x: 104, y: 0, width: 192, height: 200), size: Size(width: 96, height: 100)))
        withExtendedLifetime(tiles) {
            for x in [0, 48, 95] { #expect(tile.colour(x: x, y: 50).distance(to: green) <= 2) }
        }
    }

    /// By libyuv's box, zimg and libswscale alike: a slope of luma to the right and one of blue difference downwards stay
    /// where they are, whatever the ratio, and whichever part of the picture is shown.
    @Test(
        arguments: [
            Size(width: 320, height: 180), Size(width: 160, height: 90), Size(width: 480, height: 270),
            Size(width: 240, height: 136), Size(width: 426, height: 240), Size(width: 214, height: 120),
            Size(width: 1280, height: 720), Size(width: 100, height: 300), Size(width: 640, height: 360),
        ],
        [
            Rectangle(x: 0, y: 0, width: 640, height: 360), Rectangle(x: 96, y: 20, width: 480, height: 272),
            Rectangle(x: 2, y: 36, width: 320, height: 180),
        ])
    func everyRatioKeepsThePictureInItsPlace(target: Size, part: Rectangle) throws {
        let slope = Picture(size: Size(width: 640, height: 360)) { raster in
            for y in 0..<360 { for x in 0..<640 { raster.luma[y * raster.lumaStride + x] = UInt8(20 + x / 3) } }
            for y in 0..<180 {
                for x in 0..<320 {
                    raster.cb[y * raster.chromaStride + x] = UInt8(30 + y)
                    raster.cr[y * raster.chromaStride + x] = 128
                }
            }
        }
        let tiles = TileCache()
        let tile = try #require(tiles.tile(slope, part, size: target))
        withExtendedLifetime(tiles) {
            for y in stride(from: 8, to: target.height - 8, by: 7) {
                for x in stride(from: 8, to: target.width - 8, by: 7) {
                    let right = Double(part.x) + (Double(x) + 0.5) * Double(part.width) / Double(target.width) - 0.5
                    let down = Double(part.y) + (Double(y / 2) + 0.5) * Double(part.height) * 2 / Double(target.height)
                    let shown = tile.colour(x: x, y: y)
                    #expect(abs(Double(shown.y) - (20 + right / 3)) < 2, "luma at \(x), \(y)")
                    #expect(abs(Double(shown.cb) - (29.5 + down / 2)) < 2, "chroma at \(x), \(y)")
                    #expect(abs(Int(shown.cr) - 128) <= 1)
                }
            }
        }
    }

    @Test func tinyAndOddPicturesScale() throws {
        let tiles = TileCache()
        for size in [Size(width: 1, height: 1), Size(width: 3, height: 5), Size(width: 33, height: 17)] {
            let picture = Picture(size: size) { raster in
                for y in 0..<size.height { for x in 0..<size.width { raster.luma[y * raster.lumaStride + x] = 126 } }
                for y in 0..<(size.height + 1) / 2 {
                    for x in 0..<(size.width + 1) / 2 {
                        raster.cb[y * raster.chromaStride + x] = 128
                        raster.cr[y * raster.chromaStride + x] = 128
                    }
                }
            }
            let whole = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
            if let tile = tiles.tile(picture, whole, size: Size(width: 34, height: 18)) {
                #expect(tile.colour(x: 16, y: 8).distance(to: grey) <= 2, "\(size)")
            }
        }
    }
}

@Suite struct TileCacheTests {
    private let whole = Rectangle(x: 0, y: 0, width: 64, height: 36)

    @Test func pictureIsScaledOncePerSize() {
        let tiles = TileCache()
        let picture = plain(red)
        for _ in 0..<3 {
            _ = tiles.tile(picture, whole, size: Size(width: 32, height: 18))
            _ = tiles.tile(picture, whole, size: Size(width: 48, height: 26))
        }
        #expect(tiles.scales == 2)
        #expect(tiles.hits == 4)
    }

    @Test func memoryGoesRound() {
        let tiles = TileCache()
        var allocations: [Int] = []
        for _ in 0..<50 {
            tiles.beginTick()
            for _ in 0..<4 { _ = tiles.tile(plain(red), whole, size: Size(width: 32, height: 18)) }
            allocations.append(tiles.allocations)
        }
        #expect(allocations[10] == allocations[49])
        #expect(tiles.scales == 200)
    }

    @Test func limitsHold() throws {
        let tiles = TileCache(countLimit: 4, byteLimit: 40_000)
        var random = SeededGenerator(state: 5)
        for _ in 0..<200 {
            let size = Size(
                width: 2 * .random(in: 4...60, using: &random), height: 2 * .random(in: 4...40, using: &random))
            let tile = try #require(tiles.tile(plain(green), whole, size: size))
            #expect(tile.colour(x: size.width / 2, y: size.height / 2).distance(to: green) <= 2)
            #expect(tiles.heldBytes <= 40_000)
        }
    }

    @Test func unusedTilesAreFreed() {
        let tiles = TileCache()
        _ = tiles.tile(plain(red), whole, size: Size(width: 32, height: 18))
        for _ in 0..<700 { tiles.beginTick() }
        #expect(tiles.heldBytes == 0)
    }
}

@Suite struct ReadyTileTests {
    private let whole = Rectangle(x: 0, y: 0, width: 64, height: 36)
    private let cell = Size(width: 32, height: 18)

    /// A picture as a camera's queue hands it on.
    private func decoded(_ colour: Colour, _ wish: TileWish, _ scaler: inout Scaler) -> Picture {
        let picture = plain(colour)
        picture.makeReady(for: wish, by: &scaler)
        return picture
    }

    @Test func theNextPictureIsReadyInTheSizeOfTheLastCell() throws {
        let (tiles, wish) = (TileCache(), TileWish())
        var scaler = Scaler()
        let first = decoded(red, wish, &scaler)
        #expect(try #require(tiles.tile(first, whole, size: cell)).colour(x: 9, y: 9).distance(to: red) <= 2)
        #expect(tiles.scales == 1)
        for colour in [green, blue, grey] {
            let picture = decoded(colour, wish, &scaler)
            for _ in 0..<2 {
                let tile = try #require(tiles.tile(picture, whole, size: cell))
                withExtendedLifetime(picture) {
                    #expect(tile.size == cell)
                    #expect(tile.colour(x: 9, y: 9).distance(to: colour) <= 2)
                }
            }
        }
        #expect(tiles.scales == 1, "none of them had to be scaled at the tick")
        // Another layout: once more at the tick, then ready again.
        let other = Size(width: 48, height: 26)
        let fourth = decoded(red, wish, &scaler)
        #expect(try #require(tiles.tile(fourth, whole, size: other)).size == other)
        #expect(tiles.scales == 2)
        let fifth = decoded(green, wish, &scaler)
        #expect(try #require(tiles.tile(fifth, whole, size: other)).colour(x: 9, y: 9).distance(to: green) <= 2)
        #expect(tiles.scales == 2)
    }

    @Test func whatNobodyShowsIsNotMadeReadyForLong() {
        let (tiles, wish) = (TileCache(), TileWish())
        var scaler = Scaler()
        _ = tiles.tile(decoded(red, wish, &scaler), whole, size: cell)
        func scaledAtTheTick(after pictures: Int) -> Bool {
            for _ in 0..<pictures { _ = decoded(green, wish, &scaler) }
            let before = tiles.scales
            _ = tiles.tile(decoded(blue, wish, &scaler), whole, size: cell)
            return tiles.scales > before
        }
        #expect(!scaledAtTheTick(after: 20))
        #expect(scaledAtTheTick(after: 20), "a round of no use is over")
        #expect(scaledAtTheTick(after: 200), "it rests")
        #expect(!scaledAtTheTick(after: 100), "it is tried again")
    }
}
