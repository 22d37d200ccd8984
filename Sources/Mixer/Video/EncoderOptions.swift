import CFFmpeg
import Media

/// What each encoder is told, to work without delay and without keyframes that nobody asked for.
enum EncoderOptions {
    /// How pictures are handed to an encoder.
    enum Input {
        /// The canvas's own format, in memory.
        case planar
        /// Luma and interleaved chroma, in memory.
        case semiPlanar
        /// Luma and interleaved chroma, copied to the device.
        case device
    }

    static func input(of name: String) -> Input {
        if name.hasSuffix("_vaapi") { return .device }
        return name.hasSuffix("_qsv") ? .semiPlanar : .planar
    }

    /// Whether the encoder follows `bit_rate` from picture to picture; others are opened anew.
    static func changesBitrate(_ name: String) -> Bool { name == "libx264" || name.hasSuffix("_nvenc") }

    /// Whether the encoder keeps every slice below a size.
    static func limitsSlices(_ name: String) -> Bool { name == "libx264" || name == OpenH264Encoder.name }

    /// Private options of the encoder, in its own words.
    static func options(_ name: String, _ settings: VideoEncoderSettings) -> [(String, String)] {
        switch name {
        case "libx264": x264(settings)
        case "libx265": x265(settings)
        case "libvpx", "libvpx-vp9": vpx(name, settings)
        case _ where name.hasSuffix("_nvenc"):
            [
                ("preset", "p2"), ("tune", "ull"), ("zerolatency", "1"), ("delay", "0"), ("rc", "cbr"),
                ("forced-idr", "1"), ("no-scenecut", "1"),
            ] + (name == "h264_nvenc" ? [("profile", settings.profile == .high ? "high" : "baseline")] : [])
        case _ where name.hasSuffix("_qsv"):
            [("preset", "veryfast"), ("async_depth", "1"), ("low_delay_brc", "1"), ("forced_idr", "1")]
                + (name == "h264_qsv" ? [("profile", settings.profile == .high ? "high" : "baseline")] : [])
        case _ where name.hasSuffix("_vaapi"):
            [("async_depth", "1"), ("rc_mode", "CBR")]
                + (name == "h264_vaapi"
                    ? [("profile", settings.profile == .high ? "high" : "constrained_baseline")] : [])
        default: []
        }
    }

    private static func x264(_ settings: VideoEncoderSettings) -> [(String, String)] {
        // Without adaptive quantization: better by PSNR and SSIM on composed canvases, at a tenth less CPU (decision 0017).
        var parameters = "scenecut=0:repeat-headers=1:aq-mode=0"
        if let bytes = settings.maxSliceBytes { parameters += ":slice-max-size=\(bytes)" }
        return [
            ("preset", settings.preset), ("tune", "zerolatency"),
            ("profile", settings.profile == .high ? "high" : "baseline"), ("forced-idr", "1"), ("aud", "0"),
            ("x264-params", parameters),
        ]
    }

    private static func x265(_ settings: VideoEncoderSettings) -> [(String, String)] {
        let kilobits = settings.bitrate.bitsPerSecond / 1000
        let threads = settings.threads > 1 ? "pools=\(settings.threads)" : "pools=none:wpp=0"
        let parameters =
            "log-level=none:repeat-headers=1:scenecut=0:open-gop=0:frame-threads=1:\(threads)"
            + ":vbv-maxrate=\(kilobits):vbv-bufsize=\(Int(Double(kilobits) * settings.burst))"
        return [
            ("preset", settings.preset), ("tune", "zerolatency"), ("forced-idr", "1"), ("x265-params", parameters),
        ]
    }

    /// libvpx counts speed from 0 (slow) up; realtime starts at 5.
    private static func vpx(_ name: String, _ settings: VideoEncoderSettings) -> [(String, String)] {
        let speeds = ["ultrafast": 9, "superfast": 8, "veryfast": 8, "faster": 7, "fast": 6, "medium": 5]
        let speed = speeds[settings.preset] ?? 5
        let common = [
            ("deadline", "realtime"), ("lag-in-frames", "0"), ("auto-alt-ref", "0"), ("error-resilient", "default"),
            ("undershoot-pct", "100"), ("overshoot-pct", "15"),
        ]
        return common
            + (name == "libvpx"
                ? [("cpu-used", "-\(speed + 4)"), ("max-intra-rate", "400")]
                : [("cpu-used", "\(min(8, speed))"), ("row-mt", "1"), ("aq-mode", "3")])
    }
}
