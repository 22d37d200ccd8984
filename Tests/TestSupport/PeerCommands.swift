import Media

/// Command lines of real endpoints on the loopback, for `Subprocess`. Video is H.264 with payload type 96, sound Opus
/// with 111, RTCP on each port + 1.
package enum PeerCommands {
    private static let ffmpeg = ["ffmpeg", "-hide_banner", "-loglevel", "warning", "-nostdin", "-y"]

    /// ffmpeg sends a prepared file for ever, copied.
    /// - Parameters:
    ///   - audioPort: where its sound goes; `nil`: nowhere.
    ///   - videoPort: where its pictures go; `nil`: nowhere.
    ///   - packetSize: the largest packet in bytes, RTP header included.
    package static func ffmpegSender(
        file: String, cname: String, audioPort: Int?, videoPort: Int?, packetSize: Int = 1200,
        saysGoodbye: Bool = false
    ) -> [String] {
        func output(_ stream: String, _ payloadType: Int, _ port: Int) -> [String] {
            [
                "-map", "0:\(stream)", "-c", "copy", "-payload_type", "\(payloadType)", "-cname", cname,
                "-rtpflags", saysGoodbye ? "send_bye" : "0", "-f", "rtp",
                "rtp://127.0.0.1:\(port)?pkt_size=\(packetSize)",
            ]
        }
        var command = ffmpeg + ["-re", "-stream_loop", "-1", "-i", file]
        if let videoPort { command += output("v", 96, videoPort) }
        if let audioPort { command += output("a", 111, audioPort) }
        // ffmpeg takes the length of a loop from the streams it reads: of copied sound alone it is too short.
        if videoPort == nil { command += ["-map", "0:v?", "-c", "copy", "-f", "null", "-"] }
        return command
    }

    /// GStreamer encodes a test picture and a tone as it goes, and sends them with RTCP through an `rtpbin`.
    package static func gstreamerSender(
        audioPort: Int, videoPort: Int, tone: Double = 440, size: Size = Size(width: 640, height: 360),
        frameRate: Int = 30
    ) -> [String] {
        func send(_ session: Int, _ port: Int) -> String {
            """
            b.send_rtp_src_\(session) ! udpsink host=127.0.0.1 port=\(port) sync=false async=false \
            b.send_rtcp_src_\(session) ! udpsink host=127.0.0.1 port=\(port + 1) sync=false async=false
            """
        }
        let pipeline = """
            rtpbin name=b \
            videotestsrc is-live=true pattern=ball ! \
            video/x-raw,format=I420,width=\(size.width),height=\(size.height),framerate=\(frameRate)/1 ! \
            x264enc tune=zerolatency speed-preset=superfast bitrate=600 key-int-max=\(2 * frameRate) threads=1 ! \
            video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 mtu=1200 config-interval=-1 ! b.send_rtp_sink_0 \
            \(send(0, videoPort)) \
            audiotestsrc is-live=true freq=\(tone) volume=0.3 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1 ! \
            opusenc bitrate=32000 frame-size=20 ! rtpopuspay pt=111 ! b.send_rtp_sink_1 \
            \(send(1, audioPort))
            """
        return ["gst-launch-1.0", "-q"] + pipeline.split(separator: " ").map(String.init)
    }

    /// GStreamer sends snow at 1.5 Mbit/s: a picture that takes all the bits an encoder may spend.
    package static func gstreamerSnow(
        videoPort: Int, size: Size = Size(width: 320, height: 180), frameRate: Int = 15
    ) -> [String] {
        let pipeline = """
            videotestsrc is-live=true pattern=snow ! \
            video/x-raw,format=I420,width=\(size.width),height=\(size.height),framerate=\(frameRate)/1 ! \
            x264enc tune=zerolatency speed-preset=ultrafast bitrate=1500 key-int-max=\(frameRate) threads=1 ! \
            video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 mtu=1200 config-interval=-1 ! \
            udpsink host=127.0.0.1 port=\(videoPort) sync=false async=false
            """
        return ["gst-launch-1.0", "-q"] + pipeline.split(separator: " ").map(String.init)
    }

    /// A session description of what is sent to a receiver on the loopback; `nil` leaves a stream out.
    package static func sessionDescription(audioPort: Int?, videoPort: Int?) -> String {
        var lines = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=test", "c=IN IP4 127.0.0.1", "t=0 0"]
        if let audioPort { lines += ["m=audio \(audioPort) RTP/AVP 111", "a=rtpmap:111 opus/48000/2"] }
        if let videoPort {
            lines += [
                "m=video \(videoPort) RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1",
            ]
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// ffmpeg opens a session description and writes what it decodes, until `seconds` of media are there: pictures as
    /// raw 4:2:0 for `RawVideoFile`, one for one as they came, sound as 16-bit WAV for `WAVFile`.
    package static func ffmpegReceiver(sdp: String, rawVideo: String?, wav: String?, seconds: Double) -> [String] {
        var command = ffmpeg + ["-protocol_whitelist", "file,udp,rtp", "-buffer_size", "4194304", "-i", sdp]
        if let rawVideo {
            command += ["-map", "0:v", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-t", "\(seconds)"]
            command += ["-f", "rawvideo", rawVideo]
        }
        if let wav { command += ["-map", "0:a", "-c:a", "pcm_s16le", "-t", "\(seconds)", wav] }
        return command
    }

    /// ffmpeg opens a session description and prints when pictures stop being black (`black_end:SECONDS`) and sound
    /// being silent (`silence_end: SECONDS`), both by the time packets came.
    package static func ffmpegFlashWatcher(sdp: String) -> [String] {
        [
            "ffmpeg", "-hide_banner", "-nostdin", "-protocol_whitelist", "file,udp,rtp",
            "-use_wallclock_as_timestamps", "1", "-i", sdp, "-f", "null",
            "-map", "0:v", "-vf", "blackdetect=d=0.3:pic_th=0.5:pix_th=0.5",
            "-map", "0:a", "-af", "silencedetect=d=0.3:noise=-30dB", "-",
        ]
    }

    /// ffmpeg records a session as it comes, decoding nothing.
    package static func ffmpegRecorder(sdp: String, mp4: String, seconds: Double) -> [String] {
        ffmpeg + [
            "-protocol_whitelist", "file,udp,rtp", "-buffer_size", "4194304", "-i", sdp, "-c", "copy", "-t",
            "\(seconds)", mp4,
        ]
    }

    /// GStreamer receives both streams through jitter buffers, decodes them and writes raw 4:2:0 pictures and a WAV
    /// file, until it is stopped. Stop it by SIGINT: then it finishes the WAV file's header.
    package static func gstreamerReceiver(audioPort: Int, videoPort: Int, rawVideo: String, wav: String) -> [String] {
        func source(_ port: Int, _ caps: String) -> String {
            "udpsrc address=127.0.0.1 port=\(port) buffer-size=4194304 caps=application/x-rtp,\(caps)"
        }
        let pipeline = """
            \(source(videoPort, "media=video,clock-rate=90000,encoding-name=H264,payload=96")) ! \
            rtpjitterbuffer latency=50 ! rtph264depay ! avdec_h264 max-threads=1 ! video/x-raw,format=I420 ! \
            filesink sync=false async=false location=\(rawVideo) \
            \(source(audioPort, "media=audio,clock-rate=48000,encoding-name=OPUS,payload=111")) ! \
            rtpjitterbuffer latency=50 ! rtpopusdepay ! opusdec plc=true ! audioconvert ! \
            audio/x-raw,format=S16LE,rate=48000,channels=1 ! wavenc ! filesink sync=false async=false location=\(wav)
            """
        return ["gst-launch-1.0", "-q", "-e"] + pipeline.split(separator: " ").map(String.init)
    }
}
