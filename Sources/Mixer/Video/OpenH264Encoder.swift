import CFFmpeg
import COpenH264
import Media

/// Cisco's H.264 encoder, for `--encoder openh264`: less CPU than x264 for the same quality, but bursts where a picture is new
/// (docs/decisions/0017). A new scene is a keyframe, which keeps the burst below that of a picture that refers to another one.
final class OpenH264Encoder: PictureEncoder {
    static let name = "openh264"

    private let encoder: UnsafeMutablePointer<ISVCEncoder?>
    private let layers: UnsafeMutablePointer<SFrameBSInfo>
    private var scaler: CanvasScaler
    private let size: Size
    private var bitrate: Bitrate

    init(_ settings: VideoEncoderSettings) throws(VideoEncoderError) {
        func failure(_ reason: String) -> VideoEncoderError {
            .openFailed(name: Self.name, codec: settings.codec, reason: reason)
        }
        guard settings.codec == .h264 else { throw .otherCodec(name: Self.name, codec: settings.codec) }
        var opened: UnsafeMutablePointer<ISVCEncoder?>?
        guard copenh264_open(&opened) == 0, let encoder = opened else { throw failure("it doesn't open") }
        var parameters = SEncParamExt()
        _ = copenh264_defaults(encoder, &parameters)
        Self.fill(&parameters, settings)
        let error = copenh264_initialize(encoder, &parameters)
        guard error == 0 else {
            copenh264_close(encoder)
            throw failure("it refuses these settings, with error \(error)")
        }
        self.encoder = encoder
        layers = .allocate(capacity: 1)
        layers.initialize(to: SFrameBSInfo())
        scaler = CanvasScaler(size: settings.size, isSemiPlanar: false)
        size = settings.size
        bitrate = settings.bitrate
    }

    deinit {
        copenh264_close(encoder)
        layers.deallocate()
    }

    func encode(_ canvas: Canvas, timestamp: Int64, forceKeyframe: Bool, arrival: Instant) -> AccessUnit? {
        guard let frame = scaler.frame(for: canvas), let raster = Raster(frame) else { return nil }
        if forceKeyframe { _ = copenh264_force_keyframe(encoder) }
        let planes: InlineArray<3, UnsafeMutablePointer<UInt8>?> = [raster.luma, raster.cb, raster.cr]
        let strides: InlineArray<3, Int32> = [
            Int32(raster.lumaStride), Int32(raster.chromaStride), Int32(raster.chromaStride),
        ]
        var bytes: UnsafeMutablePointer<UInt8>?
        var (count, isKeyframe) = (Int32(0), Int32(0))
        let error = planes.span.withUnsafeBufferPointer { planes in
            strides.span.withUnsafeBufferPointer { strides in
                copenh264_encode(
                    encoder, layers, planes.baseAddress, strides.baseAddress, Int32(size.width), Int32(size.height),
                    timestamp / 90, &bytes, &count, &isKeyframe)
            }
        }
        guard error == 0, count > 0, let bytes else { return nil }
        return AccessUnit(
            bytes: UnsafeRawBufferPointer(start: bytes, count: Int(count)), timestamp: timestamp,
            isKeyframe: isKeyframe != 0, arrival: arrival)
    }

    /// It doesn't tell.
    var quantizer: Int? { nil }

    func setBitrate(_ bitrate: Bitrate) -> Bool {
        let isRise = bitrate.bitsPerSecond > self.bitrate.bitsPerSecond
        guard copenh264_set_rate(encoder, Int32(clamping: bitrate.bitsPerSecond), isRise ? 1 : 0) == 0 else {
            return false
        }
        self.bitrate = bitrate
        return true
    }

    private static func fill(_ parameters: inout SEncParamExt, _ settings: VideoEncoderSettings) {
        let rate = Int32(clamping: settings.bitrate.bitsPerSecond)
        let isHigh = settings.profile == .high
        parameters.iUsageType = CAMERA_VIDEO_REAL_TIME
        parameters.iPicWidth = Int32(settings.size.width)
        parameters.iPicHeight = Int32(settings.size.height)
        parameters.fMaxFrameRate = Float(settings.frameRate)
        parameters.iTargetBitrate = rate
        parameters.iMaxBitrate = rate
        parameters.iRCMode = RC_BITRATE_MODE
        parameters.bEnableFrameSkip = false
        parameters.uiIntraPeriod = UInt32((settings.gop * Double(settings.frameRate)).rounded())
        parameters.iMultipleThreadIdc = UInt16(settings.threads)
        parameters.iEntropyCodingModeFlag = isHigh ? 1 : 0
        parameters.bEnableSceneChangeDetect = true
        parameters.iIdrBitrateRatio = 200
        parameters.bEnableLongTermReference = false
        // It takes what moved away for background, and leaves specks of it standing.
        parameters.bEnableBackgroundDetection = false
        parameters.iComplexityMode = complexity(of: settings.preset)
        parameters.iSpatialLayerNum = 1
        parameters.uiMaxNalSize = UInt32(settings.maxSliceBytes ?? 0)
        withUnsafeMutableBytes(of: &parameters.sSpatialLayers) { layers in
            let layer = layers.baseAddress!.assumingMemoryBound(to: SSpatialLayerConfig.self)
            layer.pointee.iVideoWidth = parameters.iPicWidth
            layer.pointee.iVideoHeight = parameters.iPicHeight
            layer.pointee.fFrameRate = parameters.fMaxFrameRate
            layer.pointee.iSpatialBitrate = rate
            layer.pointee.iMaxSpatialBitrate = rate
            layer.pointee.uiProfileIdc = isHigh ? PRO_HIGH : PRO_BASELINE
            if let limit = settings.maxSliceBytes {
                layer.pointee.sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE
                layer.pointee.sSliceArgument.uiSliceSizeConstraint = UInt32(limit)
            } else if settings.threads > 1 {
                layer.pointee.sSliceArgument.uiSliceMode = SM_FIXEDSLCNUM_SLICE
                layer.pointee.sSliceArgument.uiSliceNum = UInt32(settings.threads)
            } else {
                layer.pointee.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE
            }
            // BT.709, limited range (H.264 annex E).
            layer.pointee.bVideoSignalTypePresent = true
            layer.pointee.uiVideoFormat = UInt8(VF_UNDEF.rawValue)
            layer.pointee.bFullRange = false
            layer.pointee.bColorDescriptionPresent = true
            layer.pointee.uiColorPrimaries = UInt8(CP_BT709.rawValue)
            layer.pointee.uiTransferCharacteristics = UInt8(TRC_BT709.rawValue)
            layer.pointee.uiColorMatrix = UInt8(CM_BT709.rawValue)
        }
    }

    /// x264's presets, fastest first, onto three steps.
    private static func complexity(of preset: String) -> ECOMPLEXITY_MODE {
        switch preset {
        case "ultrafast": LOW_COMPLEXITY
        case "superfast", "veryfast": MEDIUM_COMPLEXITY
        default: HIGH_COMPLEXITY
        }
    }
}
