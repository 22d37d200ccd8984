import Conference
import Console
import Media
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

    @Test(
        "are refused with the reason",
        arguments: [
            ("c=IN IP4 127.0.0.1", "c=IN IP4 239.1.1.1", "expected a unicast address; c= says the multicast group"),
            ("m=video 5206 RTP/AVP", "m=video 5206 RTP/SAVP", "expected RTP/AVP or RTP/AVPF; m=video says RTP/SAVP"),
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
