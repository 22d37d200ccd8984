import Media

/// Endpoints that repair their streams, tell what their line does to them, or have two lines.
extension PeerCommands {
    /// How an endpoint makes up for what is lost.
    package enum Repair: Sendable {
        /// It answers NACK by RTX (RFC 4588) with payload type 97.
        case retransmission
        /// ULPFEC (RFC 5109) with payload type 122 in RED (RFC 2198) with 121: a packet for each two, and for each one
        /// of a keyframe.
        case correction

        fileprivate var element: String {
            switch self {
            case .retransmission:
                "rtprtxsend payload-type-map=application/x-rtp-pt-map,96=(uint)97 max-size-time=3000"
            case .correction:
                "rtpulpfecenc pt=122 percentage=50 percentage-important=100 ! rtpredenc pt=121 allow-no-red-blocks=true"
            }
        }
    }

    /// GStreamer decodes a prepared file and sends its pictures anew: AVPF, it answers PLI by a keyframe.
    /// - Parameters:
    ///   - videoPort: where RTP goes; RTCP to the port above.
    ///   - feedbackPort: where the bridge's RTCP comes in.
    package static func gstreamerRepairingSender(
        file: String, by repair: Repair, videoPort: Int, feedbackPort: Int, size: Size = Size(width: 320, height: 180),
        frameRate: Int = 15
    ) -> [String] {
        let pipeline = """
            rtpsession name=v rtp-profile=avpf fdsrc ! rawvideoparse width=\(size.width) height=\(size.height) \
            format=i420 framerate=\(frameRate)/1 ! queue ! \
            x264enc tune=zerolatency speed-preset=superfast bitrate=500 key-int-max=\(10 * frameRate) threads=1 ! \
            video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 mtu=1200 config-interval=-1 ! \
            \(repair.element) ! v.send_rtp_sink \
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

    /// GStreamer receives pictures with ULPFEC in RED, as `Repair.correction` has them, and writes those that are whole
    /// as raw 4:2:0. It reports twice a second, asks for keyframes by PLI, and says `gstreamerRecovered` of each packet
    /// that it recovers.
    ///
    /// The jitter buffer waits longer than our FEC packets reach. Caps with a payload type would make it drop those of
    /// FEC: so they lose it, and get it back from `rtpptdemux`, without which no PLI finds its way either.
    /// - Parameters:
    ///   - port: where RTP comes in; RTCP at the port above.
    ///   - feedbackPort: where its RTCP goes.
    package static func gstreamerCorrectingReceiver(port: Int, feedbackPort: Int, rawVideo: String) -> [String] {
        let pipeline = """
            rtpsession name=v rtp-profile=avpf rtcp-min-interval=500000000 \
            udpsrc address=127.0.0.1 port=\(port) buffer-size=4194304 \
            caps=\(videoCaps),rtcp-fb-nack-pli=(boolean)true ! v.recv_rtp_sink v.recv_rtp_src ! rtpreddec pt=121 ! \
            capssetter replace=true caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=H264 ! \
            rtpstorage size-time=500000000 ! rtpssrcdemux ! application/x-rtp ! \
            rtpjitterbuffer do-lost=true latency=300 ! rtpptdemux ignored-payload-types=<122> ! rtpulpfecdec pt=122 ! \
            rtph264depay wait-for-keyframe=true request-keyframe=true ! \
            avdec_h264 output-corrupt=false max-threads=1 ! video/x-raw,format=I420 ! \
            filesink sync=false async=false location=\(rawVideo) \
            v.send_rtcp_src ! udpsink host=127.0.0.1 port=\(feedbackPort) sync=false async=false \
            udpsrc address=127.0.0.1 port=\(port + 1) ! v.recv_rtcp_sink
            """
        return ["env", "GST_DEBUG=rtpulpfecdec:5", "GST_DEBUG_NO_COLOR=1", "gst-launch-1.0", "-q"]
            + pipeline.split(separator: " ").map(String.init)
    }

    /// What `gstreamerCorrectingReceiver` says of each packet that it recovers.
    package static let gstreamerRecovered = "Pushing recovered packet"

    /// GStreamer receives pictures and tells by transport-wide feedback when each packet came, at the end of each picture.
    /// Nothing is decoded.
    /// - Parameters:
    ///   - port: where RTP comes in; RTCP at the port above.
    ///   - feedbackPort: where its RTCP goes.
    ///   - extensionID: of the transport-wide sequence number.
    package static func gstreamerTransportFeedbackReceiver(
        port: Int, feedbackPort: Int, extensionID: Int
    ) -> [String] {
        let uri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        let caps = videoCaps + ",extmap-\(extensionID)=(string)\(uri),rtcp-fb-transport-cc=(boolean)true"
        let pipeline = """
            rtpsession name=v rtp-profile=avpf \
            udpsrc address=127.0.0.1 port=\(port) buffer-size=4194304 caps=\(caps) ! v.recv_rtp_sink \
            v.recv_rtp_src ! fakesink sync=false async=false \
            v.send_rtcp_src ! udpsink host=127.0.0.1 port=\(feedbackPort) sync=false async=false \
            udpsrc address=127.0.0.1 port=\(port + 1) ! v.recv_rtcp_sink
            """
        return ["gst-launch-1.0", "-q"] + pipeline.split(separator: " ").map(String.init)
    }

    /// GStreamer sends a tone as Opus, the same packets by two lines.
    package static func gstreamerTwoLineVoice(tone: Double, ports: (Int, Int)) -> [String] {
        let pipeline = """
            audiotestsrc is-live=true freq=\(tone) volume=0.3 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1 ! \
            opusenc bitrate=48000 frame-size=20 ! rtpopuspay pt=111 ! \
            multiudpsink clients=127.0.0.1:\(ports.0),127.0.0.1:\(ports.1) sync=false async=false
            """
        return ["gst-launch-1.0", "-q"] + pipeline.split(separator: " ").map(String.init)
    }

    /// GStreamer receives Opus by two lines, of each packet the first copy, and writes a WAV file.
    package static func gstreamerTwoLineListener(ports: (Int, Int), wav: String) -> [String] {
        let pipeline = """
            udpsrc address=127.0.0.1 port=\(ports.0) caps=\(audioCaps) ! f. \
            udpsrc address=127.0.0.1 port=\(ports.1) caps=\(audioCaps) ! f. \
            funnel name=f ! rtpjitterbuffer latency=100 ! rtpopusdepay ! opusdec plc=true ! audioconvert ! \
            audio/x-raw,format=S16LE,rate=48000,channels=1 ! wavenc ! filesink sync=false async=false location=\(wav)
            """
        return ["gst-launch-1.0", "-q", "-e"] + pipeline.split(separator: " ").map(String.init)
    }

    static let videoCaps = "application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=96"
    static let audioCaps = "application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=111"
}
