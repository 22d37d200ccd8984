import CFFmpeg
import Media

extension VideoCodec {
    /// libavcodec's name for it.
    var id: AVCodecID {
        switch self {
        case .h264: AV_CODEC_ID_H264
        case .h265: AV_CODEC_ID_HEVC
        case .vp8: AV_CODEC_ID_VP8
        case .vp9: AV_CODEC_ID_VP9
        }
    }
}
