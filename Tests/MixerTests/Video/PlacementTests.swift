import Media
import Mixer
import Testing

@Suite struct PlacementTests {
    private func placement(_ picture: Size, _ cell: Size, _ fit: PictureFit, _ aspect: SampleAspect = .square)
        -> Placement
    {
        Placement(of: picture, sampleAspect: aspect, in: cell, fit: fit)
    }

    @Test func widePictureHasBarsAboveAndBelow() {
        let placed = placement(Size(width: 1280, height: 720), Size(width: 320, height: 320), .letterbox)
        #expect(placed.source == Rectangle(x: 0, y: 0, width: 1280, height: 720))
        #expect(placed.target == Rectangle(x: 0, y: 70, width: 320, height: 180))
    }

    @Test func narrowPictureHasBarsBeside() {
        let placed = placement(Size(width: 640, height: 480), Size(width: 640, height: 360), .letterbox)
        #expect(placed.target == Rectangle(x: 80, y: 0, width: 480, height: 360))
    }

    @Test func cropCutsTheEdges() {
        let wide = placement(Size(width: 1280, height: 720), Size(width: 320, height: 320), .crop)
        #expect(wide.source == Rectangle(x: 280, y: 0, width: 720, height: 720))
        #expect(wide.target == Rectangle(x: 0, y: 0, width: 320, height: 320))
        let tall = placement(Size(width: 640, height: 480), Size(width: 640, height: 360), .crop)
        #expect(tall.source == Rectangle(x: 0, y: 60, width: 640, height: 360))
    }

    @Test func samplesThatAreNotSquareCount() {
        // PAL at 16:9: 704x576 of 16:11 samples.
        let placed = placement(
            Size(width: 704, height: 576), Size(width: 320, height: 180), .letterbox,
            SampleAspect(width: 16, height: 11))
        #expect(placed.target == Rectangle(x: 0, y: 0, width: 320, height: 180))
        // CIF of 12:11 samples is 4:3.
        let old = placement(
            Size(width: 352, height: 288), Size(width: 640, height: 360), .letterbox,
            SampleAspect(width: 12, height: 11))
        #expect(old.target == Rectangle(x: 80, y: 0, width: 480, height: 360))
    }

    @Test func barsOfAPixelOrTwoAreLeftOut() {
        #expect(
            placement(Size(width: 1280, height: 720), Size(width: 426, height: 240), .letterbox).target
                == Rectangle(x: 0, y: 0, width: 426, height: 240))
        #expect(
            placement(Size(width: 1920, height: 1088), Size(width: 640, height: 360), .crop).source
                == Rectangle(x: 0, y: 0, width: 1920, height: 1088))
    }

    @Test func anythingGoesInsideAndEven() {
        var random = SeededGenerator(state: 3)
        for _ in 0..<5000 {
            let picture = Size(
                width: .random(in: 1...4096, using: &random), height: .random(in: 1...4096, using: &random))
            let cell = Size(
                width: 2 * .random(in: 1...960, using: &random), height: 2 * .random(in: 1...540, using: &random))
            let aspect = SampleAspect(
                width: .random(in: -5...300, using: &random), height: .random(in: -5...300, using: &random))
            for fit in [PictureFit.letterbox, .crop] {
                let placed = placement(picture, cell, fit, aspect)
                let target = placed.target
                let source = placed.source
                #expect(
                    [target.x, target.y, target.width, target.height, source.x, source.y].allSatisfy { $0 & 1 == 0 })
                #expect(target.x >= 0 && target.y >= 0 && target.width >= 2 && target.height >= 2)
                #expect(target.x + target.width <= cell.width && target.y + target.height <= cell.height)
                #expect(source.x >= 0 && source.y >= 0 && source.width >= 1 && source.height >= 1)
                #expect(source.x + source.width <= picture.width && source.y + source.height <= picture.height)
            }
        }
    }
}
