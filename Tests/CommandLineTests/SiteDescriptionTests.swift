import Conference
import Console
import Media
import RTP
import Testing

@Suite("Sites from SDP files")
struct SiteDescriptionTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// As `ffmpeg -sdp_file` writes it.
    private static let ffmpeg = """
        SDP:
        v=0
        o=- 0 0 IN IP4 127.0.0.1
        s=No Name
        c=IN IP4 127.0.0.1
        t=0 0
        a=tool:libavformat 59.27.100
        m=audio 5204 RTP/AVP 97
        b=AS:64
        a=rtpmap:97 opus/48000/2
        m=video 5206 RTP/AVP 96
        a=rtpmap:96 H264/90000
        a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAH9oBQBbsBEAAAAMAQAAADyPGDKg=,aM4PyA==; profile-level-id=42C01F

        """

    private func site(_ sdp: String, _ keys: String = "") throws -> SitePlan {
        let path = try folder.write(sdp, as: "que-vo.sdp")
        let plan = try Operator.configuration(["--site", "id=que-vo,sdp=\(path)\(keys)"]).plan
        return try #require(plan.sites.first)
    }

    @Test("get ports, codecs, payload types and parameter sets")
    func ffmpegSender() throws {
        let site = try site(Self.ffmpeg)
        #expect(site.audio?.port == 5204)
        #expect(site.audio?.payloadType == PayloadType(97))
        #expect(site.audio?.accepts == [PayloadType(97)!: .opus])
        #expect(site.video?.port == 5206)
        #expect(site.video?.accepts == [PayloadType(96)!: .h264])
        #expect(site.video?.parameterSets.map(\.first) == [0x67, 0x68])
        #expect(site.video?.packetizationMode == 1)
        #expect(site.video?.destination == nil)
        #expect(site.source == .host("127.0.0.1"))
    }

    @Test("have their slides in an m=video that says so")
    func slides() throws {
        let sdp =
            Self.ffmpeg + """
                m=video 5208 RTP/AVP 97
                a=content:slides
                a=rtpmap:97 H264/90000
                a=fmtp:97 packetization-mode=1

                """
        let path = try folder.write(sdp, as: "que-vo.sdp")
        let plan = try Operator.configuration(["--site", "id=que-vo,name=Quế Võ,sdp=\(path),to=10.20.4.10:5004"]).plan
        #expect(plan.sites.map(\.id.rawValue) == ["que-vo", "que-vo.slides"])
        #expect(plan.sites[0].video?.port == 5206)
        let slides = try #require(plan.sites[1].video)
        #expect(slides.port == 5208 && slides.payloadType == PayloadType(97) && slides.content == .slides)
        #expect(slides.destination == HostPort(host: "10.20.4.10", port: 5008))
        #expect(slides.size == VideoPlan.slidesSize && slides.frameRate == 5)
        #expect(plan.sites[1].name == "Quế Võ · trang chiếu" && plan.sites[1].audio == nil)
        #expect(plan.programs.map(\.id.rawValue) == ["room", "slides"] && plan.programs[1].isSlides)
        #expect(plan.programs[1].viewers == [plan.sites[1].id])
        // What a player there opens has them too.
        let text = try #require(ReceiverDescription.of(plan.sites[0], slides: plan.sites[1])).text
        #expect(text.contains("m=video 5008 RTP/AVP 97") && text.contains("a=content:slides"))
    }

    @Test("take slides as keys say, and refuse those that can't be")
    func slidesKeys() throws {
        let keys = ",video=5006,slides=5008,slides-size=1280x720,slides-fps=10,slides-bitrate=800k,video-codec=h265/98"
        let plan = try Operator.configuration(["--site", "id=a,slides-to=none,to=10.20.4.10:5004" + keys]).plan
        let slides = try #require(plan.sites[1].video)
        #expect(slides.destination == nil && slides.frameRate == 10 && slides.codec == .h265)
        #expect(slides.size == Size(width: 1280, height: 720) && slides.bitrate == Bitrate(bitsPerSecond: 800_000))
        #expect(plan.sites[1].source == .host("10.20.4.10"))
        #expect(plan.programs[1].size == slides.size && plan.programs[1].frameRate == 10)
        for (flag, text, expected) in [
            ("--site", "id=a,video=5006,from=any,slides-to=10.0.0.1:7000", "slides=PORT with it"),
            ("--downlink", "id=a,video=5006,from=any,slides=7000", "it of a site"),
            ("--site", "id=\(String(repeating: "a", count: 26)),video=5006,from=any,slides=7000", "at most 25 letters"),
            ("--site", "id=a,video=5006,from=any,slides=5006", "a port that"),
        ] {
            #expect(throws: Refusals.self) {
                do { _ = try Operator.configuration([flag, text]) } catch {
                    #expect("\(error)".contains(expected), "\(error)")
                    throw error
                }
            }
        }
    }

    @Test("are sent where \"to\" says, and keys win over the file")
    func keysWin() throws {
        let keys = ",to=10.20.4.10:5004,audio=6204,video-codec=h265/98,audio-codec=pcma/8,rtcp-mux=true"
        let site = try site(Self.ffmpeg, keys)
        #expect(site.source == .destination)
        #expect(site.audio?.port == 6204)
        #expect(site.audio?.destination == HostPort(host: "10.20.4.10", port: 5004))
        #expect(site.video?.destination == HostPort(host: "10.20.4.10", port: 5006))
        #expect(site.audio?.codec == .pcma)
        #expect(site.audio?.accepts == [PayloadType(97)!: .opus, PayloadType(8)!: .pcma])
        #expect(site.video?.payloadType == PayloadType(98))
        #expect(site.video?.accepts == [PayloadType(96)!: .h264, PayloadType(98)!: .h265])
        #expect(site.video?.multiplexesRTCP == true)
    }

    @Test("of elsewhere are taken from anywhere unless \"from\" says whose")
    func source() throws {
        let remote = Self.ffmpeg.replacing("c=IN IP4 127.0.0.1", with: "c=IN IP4 10.1.1.1")
        #expect(try site(remote).source == .any)
        #expect(try site(remote, ",from=10.9.9.9").source == .host("10.9.9.9"))
    }

    @Test("offer mode 0 if the file names no packetization mode (RFC 6184 section 8.1)")
    func packetizationMode() throws {
        let silent = Self.ffmpeg.replacing("packetization-mode=1; ", with: "")
        #expect(try site(silent).video?.packetizationMode == 0)
        #expect(try site(silent, ",packetization-mode=1").video?.packetizationMode == 1)
    }

    @Test("are looked for beside the config file")
    func besideConfig() throws {
        _ = try folder.write(Self.ffmpeg, as: "que-vo.sdp")
        let path = try folder.write("sites:\n  - id: que-vo\n    sdp: que-vo.sdp\n", as: "mcu.yaml")
        #expect(try Operator.configuration(["--config", path]).plan.sites.first?.video?.port == 5206)
    }

    private static let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\(Operator.key(.aes128CounterSHA1_80, 9))"
    private static let secured =
        ffmpeg.replacing("RTP/AVP", with: "RTP/SAVP").replacing("a=rtpmap", with: crypto + "\na=rtpmap")

    private static func key(_ suite: CryptoSuite, _ byte: UInt8) -> MasterKey? {
        MasterKey(suite, [UInt8](repeating: byte, count: suite.keySize + suite.saltSize))
    }

    @Test("give the keys of SRTP, unless keys of ours win over them")
    func security() throws {
        let site = try site(Self.secured)
        #expect(site.audio?.security?.receiveKey == Self.key(.aes128CounterSHA1_80, 9))
        #expect(site.video?.security?.sendKey.suite == .aes128CounterSHA1_80)
        let flag = Operator.key(.aes256GCM, 3)
        let other = try self.site(Self.secured, ",srtp=AEAD_AES_256_GCM,srtp-in=\(flag)")
        #expect(other.video?.security?.receiveKey == Self.key(.aes256GCM, 3))
        let same = try self.site(Self.secured, ",srtp-in=\(Operator.key(.aes128CounterSHA1_80, 4))")
        #expect(same.video?.security?.receiveKey == Self.key(.aes128CounterSHA1_80, 4))
        // The suite is chosen among those of the file, and a plain file may be secured by hand.
        let two = "a=crypto:2 AEAD_AES_256_GCM inline:\(flag)\na=rtpmap"
        let chosen = try self.site(Self.secured.replacing("a=rtpmap", with: two), ",srtp=AEAD_AES_256_GCM")
        #expect(chosen.audio?.security?.receiveKey == Self.key(.aes256GCM, 3))
        let plain = try self.site(Self.ffmpeg, ",srtp=AEAD_AES_256_GCM,srtp-in=\(flag)")
        #expect(plain.audio?.security?.receiveKey == Self.key(.aes256GCM, 3))
        let bare = Self.ffmpeg.replacing("RTP/AVP", with: "RTP/SAVP")
        #expect(
            try self.site(bare, ",srtp=AEAD_AES_256_GCM,srtp-in=\(flag)").video?.security?.receiveKey.suite
                == .aes256GCM)
    }

    @Test("that name a key and send it to nobody who can learn ours are refused")
    func unlearnableKey() throws {
        let path = try folder.write(Self.secured, as: "que-vo.sdp")
        let flags = ["--site", "id=que-vo,sdp=\(path),to=h:1"]
        #expect(
            try Operator.refusals(flags).description.contains("sdp=\(path): expected srtp-out with it, or --sdp-dir"))
        #expect(try Operator.refusals(flags + ["--sdp-dir", "out"]).isEmpty)
    }

    private static let repair = """
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:* transport-cc
        a=rtcp-fb:97 ccm fir
        a=rtpmap:98 rtx/90000
        a=fmtp:98 apt=96
        a=rtpmap:99 rtx/90000
        a=fmtp:99 apt=100
        a=rtpmap:100 red/90000
        a=rtpmap:101 ulpfec/90000
        a=rtpmap:102 rtx/90000
        a=fmtp:102 apt=120
        a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01

        """
    private static let repaired =
        ffmpeg.replacing("m=video 5206 RTP/AVP 96", with: "m=video 5206 RTP/AVPF 96 98 99 100 101 102") + repair

    @Test("give what repairs pictures")
    func repair() throws {
        let types = (96...102).map { PayloadType($0)! }
        #expect(
            try site(Self.repaired).video?.repair
                == RepairPlan(
                    feedback: [.nack, .pli, .transport], retransmission: types[2],
                    retransmitted: [types[2]: types[0], types[3]: types[4]], fec: types[5], redundant: types[4],
                    transportExtension: 5))
        #expect(try site(Self.ffmpeg).video?.repair == RepairPlan(), "silence is the standard")
        let unnumbered = Self.repaired.replacing("a=extmap:5", with: "a=extmap:15")
        #expect(
            try site(unnumbered).video?.repair.feedback == [.nack, .pli], "no number that we can send, no feedback")
        let silent = Self.repaired.replacing("a=rtcp-fb:96 nack\n", with: "")
        #expect(try site(silent).video?.repair.retransmission == nil, "nothing asks for retransmissions")
    }

    @Test("are won over by keys in what repairs pictures")
    func keysWinRepair() throws {
        let types = (96...109).map { PayloadType($0)! }
        let other = try site(Self.repaired, ",rtx=106,ulpfec=107,red=108,transport-cc=7,feedback=nack").video?.repair
        #expect(
            other
                == RepairPlan(
                    feedback: [.nack, .transport], retransmission: types[10], retransmitted: [types[10]: types[0]],
                    fec: types[11], redundant: types[12], transportExtension: 7))
        #expect(try site(Self.repaired, ",feedback=none").video?.repair.transportExtension == nil)
        #expect(try site(Self.repaired, ",feedback=nack+transport-cc").video?.repair.transportExtension == 5)
        let path = try folder.write(Self.repaired, as: "que-vo.sdp")
        let refusals = try Operator.refusals(["--site", "id=que-vo,sdp=\(path),video-codec=h265/98"])
        #expect(refusals.description.contains("sdp=\(path): rtx 98: expected a payload type of its own"), "\(refusals)")
    }

    @Test("give the second line of a DUP group")
    func secondLine() throws {
        let second = "a=mid:v1\nm=video 5306 RTP/AVP 96\na=mid:v2\n"
        let file = Self.ffmpeg.replacing("t=0 0", with: "t=0 0\na=group:DUP v1 v2") + second
        #expect(try site(file).video?.secondLine == SecondLine(port: 5306, destination: nil))
        #expect(try site(file).audio?.secondLine == nil)
        #expect(try site(file, ",video2=5406").video?.secondLine?.port == 5406)
        let path = try folder.write(file.replacing("5306", with: "5204"), as: "que-vo.sdp")
        let refusals = try Operator.refusals(["--site", "id=que-vo,sdp=\(path)"])
        #expect(refusals.description.contains("sdp=\(path): port 5204: expected a port that"), "\(refusals)")
    }

    @Test(
        "are refused with the reason",
        arguments: [
            ("c=IN IP4 127.0.0.1", "c=IN IP4 239.1.1.1", "expected a unicast address; c= says the multicast group"),
            (
                "m=video 5206 RTP/AVP", "m=video 5206 UDP/TLS/RTP/SAVPF",
                "expected RTP/AVP, RTP/AVPF, RTP/SAVP or RTP/SAVPF; m=video says UDP/TLS/RTP/SAVPF"
            ),
            ("m=video 5206 RTP/AVP", "m=video 5206 RTP/SAVP", "expected a=crypto with the key of one of AES_CM_128"),
            ("a=rtpmap:96", "\(crypto)\na=rtpmap:96", "expected RTP/SAVP or RTP/SAVPF with the a=crypto of m=video"),
            ("H264/90000", "THEORA/90000", "in m=video; a=rtpmap names none"),
            ("m=video 5206", "m=video 70000", "SDP line 11"),
            ("packetization-mode=1", "packetization-mode=2", "expected packetization-mode=0 or 1"),
            ("a=rtpmap:97", "a=rtcp:7000\na=rtpmap:97", "expected RTCP of m=audio on port 5204 or 5205"),
            ("a=rtpmap:97", "a=recvonly\na=rtpmap:97", "expected the file of a sender"),
            ("m=video 5206", "m=video 5204", "sdp="),
        ])
    func refusing(what: String, by: String, message: String) throws {
        let path = try folder.write(Self.ffmpeg.replacing(what, with: by), as: "que-vo.sdp")
        let refusals = try Operator.refusals(["--site", "id=que-vo,sdp=\(path)"])
        #expect(refusals.description.contains("--site no. 1 (que-vo): sdp=\(path): "), "\(refusals)")
        #expect(refusals.description.contains(message), "\(refusals)")
    }
}
