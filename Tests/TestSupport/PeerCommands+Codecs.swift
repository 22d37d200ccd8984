import Media

/// Endpoints that encode what they send, in whatever codec a test wants.
extension PeerCommands {
    /// One encoding as ffmpeg makes it.
    package struct Encoding: Sendable {
        package let payloadType: Int
        package let arguments: [String]

        package init(payloadType: Int, _ arguments: [String]) {
            self.payloadType = payloadType
            self.arguments = arguments
        }

        /// As it is in the file.
        package static let copiedVideo = Encoding(payloadType: 96, ["-c", "copy"])
        package static let copiedAudio = Encoding(payloadType: 111, ["-c", "copy"])
        /// As it is in the file, without the parameter sets in the stream: SDP has them.
        package static let outOfBand = Encoding(
            payloadType: 96, ["-c", "copy", "-bsf:v", "filter_units=remove_types=7-8"])

        package static let h265 = Encoding(
            payloadType: 98,
            [
                "-c:v", "libx265", "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "300k", "-g", "15",
                "-x265-params", "log-level=error:pools=1:frame-threads=1:repeat-headers=1:scenecut=0",
            ])
        package static let vp8 = Encoding(
            payloadType: 100,
            ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "15", "-threads", "1"])
        package static let vp9 = Encoding(
            payloadType: 101,
            [
                "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "15", "-threads",
                "1", "-strict", "experimental",
            ])

        package static let pcmu = Encoding(payloadType: 0, ["-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"])
        package static let pcma = Encoding(payloadType: 8, ["-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"])
        package static let g722 = Encoding(payloadType: 9, ["-c:a", "g722", "-ar", "16000", "-ac", "1"])
    }

    /// ffmpeg sends a prepared file for ever in the encodings told.
    /// - Parameters:
    ///   - audioPort: where its sound goes; `nil`: nowhere.
    ///   - videoPort: where its pictures go; `nil`: nowhere.
    ///   - sdp: the file it describes what it sends in; `nil`: none.
    package static func ffmpegSender(
        file: String, cname: String, audio: Encoding, audioPort: Int?, video: Encoding, videoPort: Int?,
        sdp: String? = nil
    ) -> [String] {
        func output(_ stream: String, _ encoding: Encoding, _ port: Int, _ packetSize: Int) -> [String] {
            ["-map", "0:\(stream)"] + encoding.arguments + [
                "-payload_type", "\(encoding.payloadType)", "-cname", cname, "-f", "rtp",
                "rtp://127.0.0.1:\(port)?pkt_size=\(packetSize)",
            ]
        }
        var command = ["ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostdin", "-y"]
        command += ["-re", "-stream_loop", "-1", "-i", file]
        if let sdp { command += ["-sdp_file", sdp] }
        if let videoPort { command += output("v", video, videoPort, 1200) }
        // ffmpeg packs as much telephony into a packet as it takes: 160 bytes are 20 ms.
        if let audioPort { command += output("a", audio, audioPort, audio.payloadType < 96 ? 172 : 1200) }
        if videoPort == nil { command += ["-map", "0:v?", "-c", "copy", "-f", "null", "-"] }
        return command
    }

    /// GStreamer encodes the pictures of a prepared file, which ffmpeg decodes for it, and a tone, and sends both with
    /// RTCP through an `rtpbin`.
    package static func gstreamerSender(
        file: String, tone: Double, size: Size, frameRate: Int, audioPort: Int, videoPort: Int
    ) -> [String] {
        let pictures = """
            fdsrc fd=0 ! rawvideoparse format=i420 width=\(size.width) height=\(size.height) framerate=\(frameRate)/1 ! \
            queue ! x264enc tune=zerolatency speed-preset=superfast bitrate=500 key-int-max=\(frameRate) threads=1 ! \
            video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 mtu=1200 config-interval=-1
            """
        let sound = """
            audiotestsrc is-live=true freq=\(tone) volume=0.3 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1 ! \
            opusenc bitrate=48000 frame-size=20 ! rtpopuspay pt=111
            """
        return gstreamerPipe(
            file: file, video: pictures, videoPort: videoPort, audio: sound, audioPort: audioPort)
    }

    /// The same with VP8 and A-law.
    package static func gstreamerTelephonySender(
        file: String, tone: Double, size: Size, frameRate: Int, audioPort: Int, videoPort: Int
    ) -> [String] {
        let pictures = """
            fdsrc fd=0 ! rawvideoparse format=i420 width=\(size.width) height=\(size.height) framerate=\(frameRate)/1 ! \
            queue ! vp8enc deadline=1 cpu-used=8 target-bitrate=300000 keyframe-max-dist=\(frameRate) threads=1 ! \
            rtpvp8pay pt=100 mtu=1200
            """
        let sound = """
            audiotestsrc is-live=true freq=\(tone) volume=0.3 samplesperbuffer=160 ! audio/x-raw,rate=8000,channels=1 ! \
            alawenc ! rtppcmapay pt=8
            """
        return gstreamerPipe(
            file: file, video: pictures, videoPort: videoPort, audio: sound, audioPort: audioPort)
    }

    private static func gstreamerPipe(
        file: String, video: String, videoPort: Int, audio: String, audioPort: Int
    ) -> [String] {
        func send(_ session: Int, _ port: Int) -> String {
            """
            b.send_rtp_src_\(session) ! udpsink host=127.0.0.1 port=\(port) sync=false async=false \
            b.send_rtcp_src_\(session) ! udpsink host=127.0.0.1 port=\(port + 1) sync=false async=false
            """
        }
        let pipeline = """
            rtpbin name=b \(video) ! b.send_rtp_sink_0 \(send(0, videoPort)) \
            \(audio) ! b.send_rtp_sink_1 \(send(1, audioPort))
            """
        let script = """
            ffmpeg -v error -nostdin -re -stream_loop -1 -i "$1" -an -f rawvideo -pix_fmt yuv420p - | \
            gst-launch-1.0 -q $2
            """
        return ["sh", "-c", script, "sh", file, pipeline]
    }
}
