import CZimg
import Glibc
import Media

/// Scaling of 8-bit 4:2:0 pictures by zimg, from a part of a picture to a size, either way: bicubic, sharper than area
/// averaging and twice as fast as libswscale.
final class ScalingGraph {
    private let graph: OpaquePointer
    private let scratch: UnsafeMutableRawPointer

    /// What its widest vector code asks of every plane's address and stride, and libavcodec's pictures have.
    private static let alignment = RasterLayout.alignment

    /// - Parameters:
    ///   - picture: the size of whole pictures.
    ///   - part: what of them fills the target.
    /// - Returns: `nil` if zimg doesn't scale such a picture: one of odd size, say.
    init?(picture: Size, part: Rectangle, target: Size) {
        var from = Self.format(picture)
        from.active_region = .init(
            left: Double(part.x), top: Double(part.y), width: Double(part.width), height: Double(part.height))
        var to = Self.format(target)
        var parameters = zimg_graph_builder_params()
        zimg_graph_builder_params_default(&parameters, czimg_version)
        parameters.resample_filter = ZIMG_RESIZE_BICUBIC
        parameters.resample_filter_uv = ZIMG_RESIZE_BILINEAR
        parameters.cpu_type = ZIMG_CPU_AUTO_64B
        guard let graph = zimg_filter_graph_build(&from, &to, &parameters) else { return nil }
        var bytes = 0
        var scratch: UnsafeMutableRawPointer?
        guard zimg_filter_graph_get_tmp_size(graph, &bytes).rawValue == 0,
            posix_memalign(&scratch, RasterLayout.alignment, max(bytes, 1)) == 0, let scratch
        else {
            zimg_filter_graph_free(graph)
            return nil
        }
        self.graph = graph
        self.scratch = scratch
    }

    deinit {
        zimg_filter_graph_free(graph)
        free(scratch)
    }

    /// - Parameter picture: all of it, of the size that was given.
    /// - Returns: whether zimg did it: its vector code wants aligned memory.
    func scale(_ picture: Raster, into target: Raster) -> Bool {
        guard Self.isAligned(picture), Self.isAligned(target) else { return false }
        let (from, to) = (Self.planes(picture), Self.planes(target))
        return from.span.withUnsafeBufferPointer { from in
            to.span.withUnsafeBufferPointer { to in
                czimg_process(graph, from.baseAddress, to.baseAddress, scratch) == 0
            }
        }
    }

    private static func planes(_ raster: Raster) -> InlineArray<3, czimg_plane> {
        [
            czimg_plane(samples: raster.luma, stride: raster.lumaStride),
            czimg_plane(samples: raster.cb, stride: raster.chromaStride),
            czimg_plane(samples: raster.cr, stride: raster.chromaStride),
        ]
    }

    private static func format(_ size: Size) -> zimg_image_format {
        var format = zimg_image_format()
        zimg_image_format_default(&format, czimg_version)
        format.width = UInt32(size.width)
        format.height = UInt32(size.height)
        format.pixel_type = ZIMG_PIXEL_BYTE
        format.subsample_w = 1
        format.subsample_h = 1
        format.color_family = ZIMG_COLOR_YUV
        format.matrix_coefficients = ZIMG_MATRIX_BT709
        format.pixel_range = ZIMG_RANGE_LIMITED
        return format
    }

    private static func isAligned(_ raster: Raster) -> Bool {
        let bits =
            UInt(bitPattern: raster.luma) | UInt(bitPattern: raster.cb) | UInt(bitPattern: raster.cr)
            | UInt(raster.lumaStride) | UInt(raster.chromaStride)
        return bits % UInt(alignment) == 0
    }
}
