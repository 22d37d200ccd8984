import CPango
import Glibc
import Media

/// A small see-through drawing, ready to be laid over a canvas: for each sample, what it lets through and what it adds.
/// Drawn once by Cairo, then laid over any number of cells by multiply and add alone.
package final class Overlay: @unchecked Sendable {  // immutable after init
    /// Even.
    package let size: Size

    /// Five planes without gaps: luma's scale and offset, the scale of both colour differences, Cb's and Cr's offset.
    private let memory: UnsafeMutablePointer<UInt16>

    private var lumaCount: Int { size.area }
    private var chromaCount: Int { size.area / 4 }

    /// - Parameters:
    ///   - size: rounded up to even numbers.
    ///   - draw: draws with Cairo on a surface that is transparent at first.
    init?(size: Size, draw: (OpaquePointer) -> Void) {
        let size = Size(width: (max(2, size.width) + 1) & ~1, height: (max(2, size.height) + 1) & ~1)
        guard size.width <= 8192, size.height <= 8192 else { return nil }
        let surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(size.width), Int32(size.height))
        defer { cairo_surface_destroy(surface) }
        let cairo = cairo_create(surface)
        defer { cairo_destroy(cairo) }
        guard let cairo, cairo_status(cairo) == CAIRO_STATUS_SUCCESS else { return nil }
        draw(cairo)
        cairo_surface_flush(surface)
        guard let pixels = cairo_image_surface_get_data(surface) else { return nil }
        self.size = size
        memory = .allocate(capacity: size.area * 2 + size.area / 4 * 3)
        convert(pixels, stride: Int(cairo_image_surface_get_stride(surface)))
    }

    deinit { memory.deallocate() }

    /// Lays the drawing over the raster, its top left at an even point; all of it must be inside.
    func blend(onto raster: Raster, x: Int, y: Int) {
        let place = raster.part(Rectangle(x: x, y: y, width: size.width, height: size.height))
        let chroma = memory + 2 * lumaCount
        blendRows(
            place.luma, stride: place.lumaStride, width: size.width, height: size.height, scale: memory,
            offset: memory + lumaCount)
        blendRows(
            place.cb, stride: place.chromaStride, width: size.width / 2, height: size.height / 2, scale: chroma,
            offset: chroma + chromaCount)
        blendRows(
            place.cr, stride: place.chromaStride, width: size.width / 2, height: size.height / 2, scale: chroma,
            offset: chroma + 2 * chromaCount)
    }

    /// From Cairo's premultiplied RGB to BT.709 in limited range; chroma is the mean of four pixels.
    private func convert(_ pixels: UnsafeMutablePointer<UInt8>, stride: Int) {
        let chroma = memory + 2 * lumaCount
        for y in 0..<size.height {
            for x in 0..<size.width {
                let pixel = Premultiplied(pixels, stride: stride, x: x, y: y)
                memory[y * size.width + x] = UInt16((256 * (1 - pixel.alpha)).rounded())
                memory[lumaCount + y * size.width + x] = Self.offset(16 * pixel.alpha + 219 * pixel.luma)
            }
        }
        for y in 0..<size.height / 2 {
            for x in 0..<size.width / 2 {
                let pixel = Premultiplied(pixels, stride: stride, quadAtX: 2 * x, y: 2 * y)
                let index = y * (size.width / 2) + x
                memory[2 * lumaCount + index] = UInt16((256 * (1 - pixel.alpha)).rounded())
                chroma[chromaCount + index] = Self.offset(128 * pixel.alpha + 224 * pixel.cb)
                chroma[2 * chromaCount + index] = Self.offset(128 * pixel.alpha + 224 * pixel.cr)
            }
        }
    }

    /// In 1/256 with a half to round by; held down to what keeps `255 * scale + offset` in 16 bits.
    private static func offset(_ value: Double) -> UInt16 { UInt16(max(0, min(65_280, (value * 256).rounded() + 127))) }
}

/// One pixel of a Cairo surface, 0 to 1, colours multiplied by alpha.
private struct Premultiplied {
    var red = 0.0
    var green = 0.0
    var blue = 0.0
    var alpha = 0.0

    init(_ pixels: UnsafeMutablePointer<UInt8>, stride: Int, x: Int, y: Int) {
        let word = UnsafeRawPointer(pixels + y * stride).loadUnaligned(fromByteOffset: x * 4, as: UInt32.self)
        red = Double(word >> 16 & 0xFF) / 255
        green = Double(word >> 8 & 0xFF) / 255
        blue = Double(word & 0xFF) / 255
        alpha = Double(word >> 24) / 255
    }

    /// The mean of the 2x2 pixels at (x, y).
    init(_ pixels: UnsafeMutablePointer<UInt8>, stride: Int, quadAtX x: Int, y: Int) {
        for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let pixel = Premultiplied(pixels, stride: stride, x: x + right, y: y + down)
            red += pixel.red / 4
            green += pixel.green / 4
            blue += pixel.blue / 4
            alpha += pixel.alpha / 4
        }
    }

    var luma: Double { 0.2126 * red + 0.7152 * green + 0.0722 * blue }
    var cb: Double { (blue - luma) / 1.8556 }
    var cr: Double { (red - luma) / 1.5748 }
}
