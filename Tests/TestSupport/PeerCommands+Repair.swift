import Media

/// Endpoints that repair their streams, or encrypt them.
extension PeerCommands {
    /// GStreamer decodes a prepared file and sends its pictures anew: AVPF, it answers NACK by RTX (payload type 97) and PLI
    /// by a keyframe.
    /// - Parameters:
    ///   - videoPort: where RTP goes; RTCP to the port above.
    ///   - feedbackPort: where the bridge's RTCP comes in.
    package static func gstreamerRepairingSender(
        file: String, videoPort: Int, feedbackPort: Int, size: Size = Size(width: 320, height: 180), frameRate: Int = 15
    ) -> [String] {
        let pipeline = """
            rtpsession name=v rtp-profile=avpf fdsrc ! rawvideoparse width=\(size.width) height=\(size.height) \
            format=i420 framerate=\(frameRate)/1 ! queue ! \
            x264enc tune=zerolatency speed-preset=superfast bitrate=500 key-int-max=\(10 * frameRate) threads=1 ! \
            video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 mtu=1200 config-interval=-1 ! \
            rtprtxsend payload-type-map=application/x-rtp-pt-map,96=(uint)97 max-size-time=3000 ! v.send_rtp_sink \
            v.send_rtp_src ! udpsink host=127.0.0.1 port=\(videoPort) sync=false async=false \
            v.send_rtcp_src ! udpsink host=127.0.0.1 port=\(videoPort + 1) sync=false async=false \
            udpsrc address=127.0.0.1 port=\(feedbackPort) ! v.recv_rtcp_sink
            """
        let script = """
            ffmpeg -v error -nostdin -re -stream_loop -1 -i "$1" -an -f rawvideo -pix_fmt yuv420p - | \
            gst-launch-1.0 -q $2
            """
        return ["sh", "-c", script, "sh", file, pipeline]
    }

    /// ffmpeg sends a prepared file's pictures as SRTP (RFC 3711), keyed as SDES does it.
    /// - Parameter key: base 64 of key and salt.
    package static func ffmpegSecureSender(file: String, videoPort: Int, suite: String, key: String) -> [String] {
        [
            "ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostdin", "-re", "-stream_loop", "-1", "-i", file,
            "-map", "0:v", "-c", "copy", "-payload_type", "96", "-f", "rtp", "-srtp_out_suite", suite,
            "-srtp_out_params", key, "srtp://127.0.0.1:\(videoPort)?pkt_size=1200",
        ]
    }
}
