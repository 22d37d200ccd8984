import Media

/// Endpoints that encrypt what they send (SRTP, RFC 3711).
extension PeerCommands {
    /// ffmpeg sends a prepared file's pictures as SRTP, keyed as SDES does it.
    /// - Parameter key: base 64 of key and salt.
    package static func ffmpegSecureSender(file: String, videoPort: Int, suite: String, key: String) -> [String] {
        [
            "ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostdin", "-re", "-stream_loop", "-1", "-i", file,
            "-map", "0:v", "-c", "copy", "-payload_type", "96", "-f", "rtp", "-srtp_out_suite", suite,
            "-srtp_out_params", key, "srtp://127.0.0.1:\(videoPort)?pkt_size=1200",
        ]
    }

    /// A cipher and a key as GStreamer's `srtpenc` and `srtpdec` have them.
    package struct SecureLine: Sendable {
        /// Such as `aes-128-gcm`, for RTP and RTCP.
        package let cipher: String
        /// Key and salt in hexadecimal.
        package let key: String

        package init(cipher: String, key: [UInt8]) {
            self.cipher = cipher
            self.key = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }

        /// What a receiver has to know of a source beside its media.
        fileprivate func caps(_ ssrc: UInt32) -> String {
            """
            ssrc=(uint)\(ssrc),srtp-key=(buffer)\(key),srtp-cipher=(string)\(cipher),srtp-auth=(string)null,\
            srtcp-cipher=(string)\(cipher),srtcp-auth=(string)null
            """
        }
    }

    /// GStreamer sends a prepared file's pictures, encoded anew, and a tone: SRTP and SRTCP.
    package static func gstreamerSecureSender(
        file: String, tone: Double, _ line: SecureLine, audioPort: Int, videoPort: Int,
        size: Size = Size(width: 320, height: 180), frameRate: Int = 15
    ) -> [String] {
        func send(_ session: Int, _ port: Int) -> String {
            """
            b.send_rtp_src_\(session) ! e.rtp_sink_\(session) \
            e.rtp_src_\(session) ! udpsink host=127.0.0.1 port=\(port) sync=false async=false \
            b.send_rtcp_src_\(session) ! e.rtcp_sink_\(session) \
            e.rtcp_src_\(session) ! udpsink host=127.0.0.1 port=\(port + 1) sync=false async=false
            """
        }
        let pipeline = """
            srtpenc name=e key=\(line.key) rtp-cipher=\(line.cipher) rtcp-cipher=\(line.cipher) \
            rtp-auth=null rtcp-auth=null rtpbin name=b \
            fdsrc ! rawvideoparse format=i420 width=\(size.width) height=\(size.height) framerate=\(frameRate)/1 ! \
            queue ! x264enc tune=zerolatency speed-preset=superfast bitrate=300 key-int-max=\(frameRate) threads=1 ! \
            video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 mtu=1100 config-interval=-1 ! \
            b.send_rtp_sink_0 \(send(0, videoPort)) \
            audiotestsrc is-live=true freq=\(tone) volume=0.3 samplesperbuffer=960 ! \
            audio/x-raw,rate=48000,channels=1 ! opusenc bitrate=32000 frame-size=20 ! rtpopuspay pt=111 ! \
            b.send_rtp_sink_1 \(send(1, audioPort))
            """
        let script = """
            ffmpeg -v error -nostdin -re -stream_loop -1 -i "$1" -an -f rawvideo -pix_fmt yuv420p - | \
            gst-launch-1.0 -q $2
            """
        return ["sh", "-c", script, "sh", file, pipeline]
    }

    /// GStreamer receives SRTP, decrypts and decodes it, and writes raw 4:2:0 pictures and a WAV file.
    /// - Parameter ssrcs: of the streams, which `srtpdec` has to be told.
    package static func gstreamerSecureReceiver(
        _ line: SecureLine, audioPort: Int, videoPort: Int, ssrcs: (audio: UInt32, video: UInt32), rawVideo: String,
        wav: String
    ) -> [String] {
        func source(_ port: Int, _ caps: String, _ ssrc: UInt32) -> String {
            let caps = caps.replacing("x-rtp", with: "x-srtp") + "," + line.caps(ssrc)
            return "udpsrc address=127.0.0.1 port=\(port) buffer-size=4194304 caps=\(caps)"
        }
        let pipeline = """
            \(source(videoPort, videoCaps, ssrcs.video)) ! srtpdec ! rtpjitterbuffer latency=50 ! rtph264depay ! \
            avdec_h264 max-threads=1 ! video/x-raw,format=I420 ! filesink sync=false async=false location=\(rawVideo) \
            \(source(audioPort, audioCaps, ssrcs.audio)) ! srtpdec ! rtpjitterbuffer latency=50 ! rtpopusdepay ! \
            opusdec ! audioconvert ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! wavenc ! \
            filesink sync=false async=false location=\(wav)
            """
        return ["gst-launch-1.0", "-q", "-e"] + pipeline.split(separator: " ").map(String.init)
    }
}
