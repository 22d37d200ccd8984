import Glibc

// Loops over the rows of one 8-bit plane. Strides, widths and heights are in samples, checked by the caller.

/// Sets `height` rows to one value.
func fillRows(_ rows: UnsafeMutablePointer<UInt8>, stride: Int, width: Int, height: Int, value: UInt8) {
    var row = rows
    for _ in 0..<height {
        memset(row, Int32(value), width)
        row += stride
    }
}

/// Copies `height` rows between planes that don't overlap.
func copyRows(
    from source: UnsafePointer<UInt8>, _ sourceStride: Int, to target: UnsafeMutablePointer<UInt8>, _ targetStride: Int,
    width: Int, height: Int
) {
    var source = source
    var target = target
    for _ in 0..<height {
        memcpy(target, source, width)
        source += sourceStride
        target += targetStride
    }
}

/// Brings samples to 115/256 (45 %) of their distance from `level`.
func fadeRows(
    _ rows: UnsafeMutablePointer<UInt8>, stride: Int, width: Int, height: Int, towards level: UInt16
) {
    let offset = level &* 141 &+ 128
    var row = rows
    for _ in 0..<height {
        for x in 0..<width {
            row[x] = UInt8(truncatingIfNeeded: (UInt16(row[x]) &* 115 &+ offset) &>> 8)
        }
        row += stride
    }
}

/// Lays an overlay over samples: `sample * scale / 256 + offset / 256`. `scale` is what the overlay lets through, 0 to
/// 256, and `offset` what it adds, rounding included; both are `width * height` values without gaps. Made so that the
/// sum never passes 65,535.
func blendRows(
    _ rows: UnsafeMutablePointer<UInt8>, stride: Int, width: Int, height: Int, scale: UnsafePointer<UInt16>,
    offset: UnsafePointer<UInt16>
) {
    var row = rows
    var scale = scale
    var offset = offset
    for _ in 0..<height {
        for x in 0..<width {
            row[x] = UInt8(truncatingIfNeeded: (UInt16(row[x]) &* scale[x] &+ offset[x]) &>> 8)
        }
        row += stride
        scale += width
        offset += width
    }
}
