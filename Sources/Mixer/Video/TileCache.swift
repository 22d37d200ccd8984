import Glibc
import Media

/// Pictures scaled to the sizes they are shown at. A picture is scaled once per size, whichever and however many views
/// show it, and the memory goes round: in steady state nothing is allocated.
package final class TileCache: @unchecked Sendable {  // all state is touched on the queue of the composers only
    /// Tiles handed out that were there already.
    package private(set) var hits = 0
    /// Pictures scaled here: those that were not ready.
    package private(set) var scales = 0
    /// Blocks of memory allocated.
    package private(set) var allocations = 0
    /// Bytes held now.
    package private(set) var heldBytes = 0

    private struct Tile {
        /// 0: free.
        var picture: UInt64
        var source: Rectangle
        var layout: RasterLayout
        var memory: UnsafeMutablePointer<UInt8>
        var capacity: Int
        var lastTick: UInt64
    }

    private let countLimit: Int
    private let byteLimit: Int
    private var scaler = Scaler()
    private var tiles: [Tile] = []
    private var tick: UInt64 = 0

    /// A tile unused for so many ticks may be overwritten with another picture: its own is most likely past.
    private static let recycleAge: UInt64 = 3
    /// A tile unused for so many ticks gives its memory back: a layout with its size is gone.
    private static let releaseAge: UInt64 = 300

    package init(countLimit: Int = 512, byteLimit: Int = 128 << 20) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
        tiles.reserveCapacity(countLimit)
    }

    deinit {
        for tile in tiles { free(tile.memory) }
    }

    /// Says that a new tick begins; tiles that no view wanted for long are freed.
    package func beginTick() {
        tick &+= 1
        guard tick % Self.releaseAge == 0 else { return }
        tiles.removeAll { tile in
            guard tile.lastTick &+ Self.releaseAge < tick else { return false }
            free(tile.memory)
            heldBytes -= tile.capacity
            return true
        }
    }

    /// The part `source` of `picture` at `size`, an even one. Borrowed: it holds until the next call.
    /// - Returns: `nil` if the picture is of a format that can't be scaled.
    package func tile(_ picture: Picture, _ source: Rectangle, size: Size) -> Raster? {
        if let raster = picture.readyTile(source, size) {
            hits &+= 1
            return raster
        }
        var best: Int?
        for index in tiles.indices {
            let tile = tiles[index]
            if tile.picture == picture.number, tile.layout.size == size, tile.source == source {
                hits &+= 1
                tiles[index].lastTick = tick
                return tile.layout.raster(at: tile.memory)
            }
            if tile.layout.size == size, tile.lastTick &+ Self.recycleAge <= tick || tile.picture == 0,
                tile.lastTick < best.map({ tiles[$0].lastTick }) ?? .max
            {
                best = index
            }
        }
        let layout = RasterLayout(size: size)
        let index = best ?? room(for: layout)
        tiles[index].layout = layout
        tiles[index].source = source
        tiles[index].lastTick = tick
        let raster = layout.raster(at: tiles[index].memory)
        scales &+= 1
        guard scaler.scale(picture, source, into: raster) else {
            tiles[index].picture = 0
            return nil
        }
        tiles[index].picture = picture.number
        return raster
    }

    /// A tile with memory enough: a new one below the limits, else one used longest ago. No tile is held between calls,
    /// so any may go; at worst it is scaled again.
    private func room(for layout: RasterLayout) -> Int {
        let bytes = layout.byteCount
        while tiles.count >= countLimit || heldBytes + bytes > byteLimit,
            let oldest = tiles.indices.min(by: { tiles[$0].lastTick < tiles[$1].lastTick })
        {
            if tiles[oldest].capacity >= bytes { return oldest }
            free(tiles[oldest].memory)
            heldBytes -= tiles[oldest].capacity
            tiles.remove(at: oldest)
        }
        allocations &+= 1
        heldBytes += bytes
        tiles.append(
            Tile(
                picture: 0, source: Rectangle(x: 0, y: 0, width: 0, height: 0), layout: layout,
                memory: allocateAligned(bytes), capacity: bytes, lastTick: tick))
        return tiles.count - 1
    }
}

/// Memory for rasters, at a multiple of `RasterLayout.alignment`; freed with `free`.
func allocateAligned(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, RasterLayout.alignment, bytes) == 0, let memory else {
        fatalError("out of memory: \(bytes) bytes for a picture")
    }
    return memory.bindMemory(to: UInt8.self, capacity: bytes)
}
