import Media
import Mixer
import Testing

@Suite struct LabelTests {
    private let size = Size(width: 640, height: 360)
    private let cell = Rectangle(x: 0, y: 0, width: 640, height: 360)

    private func canvas(_ label: String?) throws -> Canvas {
        let composer = Composer(tiles: TileCache(), labels: LabelCache())
        let scene = Scene(
            size: size,
            cells: [CellContent(rectangle: cell, label: label, picture: Picture(size: size) { $0.fill(grey) })])
        return try #require(composer.compose(scene)).canvas
    }

    @Test func labelIsAtTheBottomLeft() throws {
        let samples = try canvas("Huyện ủy Gia Bình").samples
        let changed = (0..<640 * 360).filter { samples[$0] != grey.y }
        #expect(changed.count > 1000)
        #expect(changed.allSatisfy { $0 % 640 < 330 && $0 / 640 > 300 })
        #expect(changed.contains { samples[$0] > 220 })
        #expect(changed.contains { samples[$0] < 70 })
    }

    @Test func composedAndDecomposedLookAlike() throws {
        let composed = try canvas("Huy\u{1EC7}n \u{1EE7}y").samples
        let decomposed = try canvas("Huye\u{0323}\u{0302}n u\u{0309}y").samples
        let difference = zip(composed, decomposed).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        let bare = try canvas(nil).samples
        let ink = zip(composed, bare).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(difference * 50 < ink)
    }

    @Test func provinceNamesHaveAllTheirGlyphs() {
        let labels = LabelCache()
        let names = [
            "Huyện ủy Gia Bình", "Đảng ủy Quân sự tỉnh", "Thành ủy Bắc Ninh", "Không có tín hiệu · no signal",
            "Đảng ủy Khối các cơ quan và doanh nghiệp", "Huye\u{0323}\u{0302}n u\u{0309}y",
        ]
        for name in names { #expect(labels.unknownGlyphs(in: name) == 0) }
        #expect(labels.unknownGlyphs(in: "\u{E123}\u{E124}") == 2)
    }

    @Test func longNameIsCutToItsCell() throws {
        let labels = LabelCache()
        for width in [60, 100, 320] {
            let label = labels.label(
                String(repeating: "Đảng ủy Khối ", count: 90), cell: Size(width: width, height: 180))
            if let label { #expect(label.size.width <= width) } else { #expect(width < 80) }
        }
    }

    @Test(arguments: [
        "", " ", "\u{0}", "a\nb\u{202E}c", "\u{1F468}\u{200D}\u{1F469}", String(repeating: "\u{0301}", count: 400),
    ])
    func strangeNamesAreHarmless(name: String) throws {
        _ = try canvas(name)
    }

    @Test func textIsDrawnOnce() {
        let labels = LabelCache()
        for _ in 0..<5 { _ = labels.label("Từ Sơn", cell: Size(width: 320, height: 180)) }
        #expect(labels.rendered == 1)
        for index in 0..<600 { _ = labels.label("Site \(index)", cell: Size(width: 32, height: 18)) }
        _ = labels.label("Từ Sơn", cell: Size(width: 320, height: 180))
        #expect(labels.rendered == 602)
    }
}
