import Glibc
import Media
import Synchronization

/// A picture's tile that was made where the picture was decoded. Its memory goes round with the picture's.
struct ReadyTile: ~Copyable {
    private var wish: TileWish?
    private var shape: TileWish.Shape?
    private var memory: UnsafeMutablePointer<UInt8>?
    private var capacity = 0
    private let wasShown = Atomic(false)

    init() {}

    deinit { free(memory) }

    mutating func empty() {
        shape = nil
        wish = nil
    }

    mutating func make(of picture: Picture, for wish: TileWish, by scaler: inout Scaler) {
        self.wish = wish
        shape = nil
        wasShown.store(false, ordering: .relaxed)
        guard let wanted = wish.next(), wanted.source.fits(in: picture.size) else { return }
        let layout = RasterLayout(size: wanted.size)
        if capacity < layout.byteCount {
            free(memory)
            memory = allocateAligned(layout.byteCount)
            capacity = layout.byteCount
        }
        guard let memory, scaler.scale(picture, wanted.source, into: layout.raster(at: memory)) else { return }
        shape = wanted
    }

    /// `nil` if it is not of this shape; it is wished for then.
    func raster(_ source: Rectangle, _ size: Size) -> Raster? {
        guard let wish else { return nil }
        let wanted = TileWish.Shape(source: source, size: size)
        guard let shape, shape == wanted, let memory else {
            wish.note(wanted)
            return nil
        }
        if !wasShown.exchange(true, ordering: .relaxed) { wish.noteShown() }
        return RasterLayout(size: size).raster(at: memory)
    }
}

extension Rectangle {
    /// Whether all of it is inside a picture.
    fileprivate func fits(in size: Size) -> Bool {
        x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= size.width && y + height <= size.height
    }
}
