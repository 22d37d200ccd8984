import Media

/// The three planes of an 8-bit YUV 4:2:0 picture in memory, borrowed from its owner: a canvas, a tile or a picture.
/// Rectangles given to it are even, and inside `size`.
package struct Raster {
    /// One sample a byte; row `y` starts at `y * lumaStride`.
    package var luma: UnsafeMutablePointer<UInt8>
    /// Blue difference, half as wide and half as high; row `y` starts at `y * chromaStride`.
    package var cb: UnsafeMutablePointer<UInt8>
    /// Red difference, laid out as `cb`.
    package var cr: UnsafeMutablePointer<UInt8>
    package var lumaStride: Int
    package var chromaStride: Int
    /// In luma samples.
    package var size: Size

    package init(
        luma: UnsafeMutablePointer<UInt8>, cb: UnsafeMutablePointer<UInt8>, cr: UnsafeMutablePointer<UInt8>,
        lumaStride: Int, chromaStride: Int, size: Size
    ) {
        self.luma = luma
        self.cb = cb
        self.cr = cr
        self.lumaStride = lumaStride
        self.chromaStride = chromaStride
        self.size = size
    }

    /// The part of this raster inside `rectangle`, in place.
    package func part(_ rectangle: Rectangle) -> Raster {
        Raster(
            luma: luma + rectangle.y * lumaStride + rectangle.x,
            cb: cb + rectangle.y / 2 * chromaStride + rectangle.x / 2,
            cr: cr + rectangle.y / 2 * chromaStride + rectangle.x / 2,
            lumaStride: lumaStride, chromaStride: chromaStride, size: rectangle.size)
    }

    /// The sample values of one pixel.
    package func colour(x: Int, y: Int) -> Colour {
        let chroma = y / 2 * chromaStride + x / 2
        return Colour(y: luma[y * lumaStride + x], cb: cb[chroma], cr: cr[chroma])
    }

    /// Paints all of the raster in one colour.
    package func fill(_ colour: Colour) {
        fillRows(luma, stride: lumaStride, width: size.width, height: size.height, value: colour.y)
        fillRows(cb, stride: chromaStride, width: size.width / 2, height: size.height / 2, value: colour.cb)
        fillRows(cr, stride: chromaStride, width: size.width / 2, height: size.height / 2, value: colour.cr)
    }

    /// Paints `rectangle` in one colour.
    package func fill(_ rectangle: Rectangle, _ colour: Colour) { part(rectangle).fill(colour) }

    /// Copies `source`, which is of this raster's size.
    func copy(_ source: Raster) {
        let (width, height) = (size.width, size.height)
        copyRows(from: source.luma, source.lumaStride, to: luma, lumaStride, width: width, height: height)
        copyRows(from: source.cb, source.chromaStride, to: cb, chromaStride, width: width / 2, height: height / 2)
        copyRows(from: source.cr, source.chromaStride, to: cr, chromaStride, width: width / 2, height: height / 2)
    }

    /// Takes the picture down to 45 % of its luma and colour: how a cell looks whose site has gone quiet.
    func dim() {
        fadeRows(luma, stride: lumaStride, width: size.width, height: size.height, towards: 16)
        fadeRows(cb, stride: chromaStride, width: size.width / 2, height: size.height / 2, towards: 128)
        fadeRows(cr, stride: chromaStride, width: size.width / 2, height: size.height / 2, towards: 128)
    }

    /// Draws a border of `width` samples, an even number, along the inner edge.
    func frame(width: Int, _ colour: Colour) {
        let inner = size.height - 2 * width
        guard inner > 0, size.width > 2 * width else { return }
        fill(Rectangle(x: 0, y: 0, width: size.width, height: width), colour)
        fill(Rectangle(x: 0, y: size.height - width, width: size.width, height: width), colour)
        fill(Rectangle(x: 0, y: width, width: width, height: inner), colour)
        fill(Rectangle(x: size.width - width, y: width, width: width, height: inner), colour)
    }
}

/// How the planes of a raster that we allocate lie in memory: rows start at multiples of 64 bytes, as vector code likes
/// it, and never at multiples of 1024, since then the rows of a column fall onto the same few cache sets.
struct RasterLayout {
    let size: Size
    let lumaStride: Int
    let chromaStride: Int

    static let alignment = 64

    init(size: Size) {
        self.size = size
        lumaStride = Self.stride(size.width)
        chromaStride = Self.stride((size.width + 1) / 2)
    }

    private var lumaBytes: Int { lumaStride * size.height }
    private var chromaBytes: Int { chromaStride * ((size.height + 1) / 2) }
    /// For all three planes, and what vector code reads or writes past the last row.
    var byteCount: Int { lumaBytes + 2 * chromaBytes + 2 * Self.alignment }

    /// - Parameter base: `byteCount` bytes, the first at a multiple of `alignment`.
    func raster(at base: UnsafeMutablePointer<UInt8>) -> Raster {
        Raster(
            luma: base, cb: base + lumaBytes, cr: base + lumaBytes + chromaBytes, lumaStride: lumaStride,
            chromaStride: chromaStride, size: size)
    }

    /// At least 32 bytes more than `width`: libswscale 5.1 writes past the end of rows whose width isn't a multiple
    /// of 32.
    private static func stride(_ width: Int) -> Int {
        let stride = (width + 32 + alignment - 1) / alignment * alignment
        return stride % 1024 == 0 ? stride + alignment : stride
    }
}
