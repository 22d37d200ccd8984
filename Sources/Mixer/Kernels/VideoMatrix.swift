import Media

/// Converts limited-range 4:2:0 samples to BT.709 in place, a row of colour differences and its two rows of luma at a
/// time: luma first, since it needs the colour differences as they were.
func convertMatrix(_ raster: Raster, _ conversion: MatrixConversion) {
    let width = raster.size.width / 2
    for y in 0..<raster.size.height / 2 {
        let cb = raster.cb + y * raster.chromaStride
        let cr = raster.cr + y * raster.chromaStride
        let upper = raster.luma + 2 * y * raster.lumaStride
        convertLumaRow(upper, cb: cb, cr: cr, width: width, conversion)
        convertLumaRow(upper + raster.lumaStride, cb: cb, cr: cr, width: width, conversion)
        convertChromaRow(cb: cb, cr: cr, width: width, conversion)
    }
}

private func convertLumaRow(
    _ luma: UnsafeMutablePointer<UInt8>, cb: UnsafePointer<UInt8>, cr: UnsafePointer<UInt8>, width: Int,
    _ conversion: MatrixConversion
) {
    let half: Int32 = 1 &<< (MatrixConversion.shift &- 1)
    for x in 0..<width {
        let blue = Int32(cb[x]) &- 128
        let red = Int32(cr[x]) &- 128
        let step = (conversion.lumaFromCb &* blue &+ conversion.lumaFromCr &* red &+ half) &>> MatrixConversion.shift
        luma[2 &* x] = clampedByte(Int32(luma[2 &* x]) &+ step)
        luma[2 &* x &+ 1] = clampedByte(Int32(luma[2 &* x &+ 1]) &+ step)
    }
}

private func convertChromaRow(
    cb: UnsafeMutablePointer<UInt8>, cr: UnsafeMutablePointer<UInt8>, width: Int, _ conversion: MatrixConversion
) {
    // 128 and a half, to round.
    let centre: Int32 = (128 &<< MatrixConversion.shift) &+ (1 &<< (MatrixConversion.shift &- 1))
    for x in 0..<width {
        let blue = Int32(cb[x]) &- 128
        let red = Int32(cr[x]) &- 128
        let newBlue = conversion.cbFromCb &* blue &+ conversion.cbFromCr &* red &+ centre
        let newRed = conversion.crFromCb &* blue &+ conversion.crFromCr &* red &+ centre
        cb[x] = clampedByte(newBlue &>> MatrixConversion.shift)
        cr[x] = clampedByte(newRed &>> MatrixConversion.shift)
    }
}

@inline(__always)
private func clampedByte(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: max(0, min(255, value))) }
