import Media
import Mixer

/// A camera's picture made up: a still background with texture, a head that moves before it, and the noise of a sensor.
/// No two scenes are alike, and an encoder has about as much work with one as with a meeting room.
package struct MovingScene: Sendable {
    /// Tells the scenes apart: its colours, its path, its noise.
    package let index: Int

    package init(_ index: Int) { self.index = index }

    /// Paints the whole raster as it is at picture `step`.
    package func paint(_ raster: Raster, step: Int) {
        paintBackground(raster)
        paintHead(raster, step: step)
        addNoise(raster, step: step)
    }

    /// A picture of the scene.
    package func picture(_ size: Size, step: Int) -> Picture {
        Picture(size: size, timestamp: Int64(step) * 3_000) { paint($0, step: step) }
    }

    /// Broad stripes both ways with fine texture on them.
    private func paintBackground(_ raster: Raster) {
        let (width, height) = (raster.size.width, raster.size.height)
        for y in 0..<height {
            let row = raster.luma + y * raster.lumaStride
            for x in 0..<width {
                let stripes = Self.wave(x * 5 + index * 31) + Self.wave(y * 7 + index * 57)
                let texture = Int(Self.hash(x, y, index) & 15)
                row[x] = UInt8(truncatingIfNeeded: 60 + stripes / 3 + texture)
            }
        }
        for y in 0..<height / 2 {
            for x in 0..<width / 2 {
                let place = y * raster.chromaStride + x
                raster.cb[place] = UInt8(truncatingIfNeeded: 108 + (index * 37 + x / 32) % 40)
                raster.cr[place] = UInt8(truncatingIfNeeded: 108 + (index * 53 + y / 32) % 40)
            }
        }
    }

    /// An ellipse a third of the picture high, on a path of its own; its shading turns, as faces do.
    private func paintHead(_ raster: Raster, step: Int) {
        let (width, height) = (raster.size.width, raster.size.height)
        let centre = (
            x: width / 2 + Self.wave(step * (3 + index % 3) * 4) * width / 1200,
            y: height / 2 + Self.wave(step * (2 + index % 4) * 4 + 90) * height / 1600
        )
        let (across, down) = (max(4, width / 9), max(4, height / 4))
        for y in max(0, centre.y - down)..<min(height, centre.y + down) {
            let row = raster.luma + y * raster.lumaStride
            for x in max(0, centre.x - across)..<min(width, centre.x + across) {
                let (dx, dy) = ((x - centre.x) * 256 / across, (y - centre.y) * 256 / down)
                guard dx * dx + dy * dy < 65_536 else { continue }
                let shade = Self.wave((dx + dy) / 2 + step * 6) / 4
                row[x] = UInt8(truncatingIfNeeded: 150 + shade + Int(Self.hash(x - centre.x, y - centre.y, 7) & 7))
            }
        }
    }

    /// A sensor's noise: a step up or down on about half of the samples, new in every picture.
    private func addNoise(_ raster: Raster, step: Int) {
        var state = UInt64(truncatingIfNeeded: step &* 7_919 &+ index) | 1
        for y in 0..<raster.size.height {
            let row = raster.luma + y * raster.lumaStride
            for x in 0..<raster.size.width {
                if x & 15 == 0 { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
                let bits = state >> UInt64(30 + 2 * (x & 15)) & 3
                if bits == 1 { row[x] &+= 1 } else if bits == 2 { row[x] &-= 1 }
            }
        }
    }

    /// A triangle wave between -100 and 100, 400 long: smooth enough, and no floating point.
    private static func wave(_ phase: Int) -> Int {
        let place = ((phase % 400) + 400) % 400
        return place < 200 ? place - 100 : 300 - place
    }

    private static func hash(_ x: Int, _ y: Int, _ seed: Int) -> UInt32 {
        var mixed = UInt32(truncatingIfNeeded: x &* 374_761_393 &+ y &* 668_265_263 &+ seed &* 974_711)
        mixed = (mixed ^ (mixed >> 13)) &* 1_274_126_177
        return mixed >> 16
    }
}
