import Media
import RTP
import Testing

@Suite struct SessionDescriptionTests {
    @Test func `the SDP that ffmpeg prints`() throws {
        let description = try SessionDescription.parse(
            """
            SDP:
            v=0
            o=- 0 0 IN IP4 127.0.0.1
            s=No Name
            c=IN IP4 10.20.3.10
            t=0 0
            a=tool:libavformat 59.27.100
            m=video 5006 RTP/AVP 96
            b=AS:1500
            a=rtpmap:96 H264/90000
            a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAH9kAUAW7ARAAAAMAEAAAAwPI8YMkgA==,aMuDyyA=; profile-level-id=42C01F

            """)
        let video = try #require(description.first(.video))
        let (format, codec) = try #require(video.videoFormat)
        #expect(codec == .h264 && format.payloadType == Endpoint.payloadType)
        #expect(format.packetizationMode == 1 && format.profileLevelID == 0x42C01F)
        #expect(format.parameterSets.map(\.count) == [25, 5])
        #expect(format.parameterSets[0].starts(with: hex("6742C01F")) && format.parameterSets[1][0] == 0x68)
        #expect(description.address(of: video) == "10.20.3.10")
        #expect(video.port == 5006 && video.controlPort == 5007 && video.bandwidth == 1500)
        #expect(description.name == "No Name" && description.first(.audio) == nil)
    }

    @Test func `the offer of a baresip endpoint`() throws {
        let lines = [
            "v=0", "o=- 1 2 IN IP6 fd00::3", "s=-", "c=IN IP6 fd00::3", "t=0 0", "a=sendonly",
            "m=audio 16384 RTP/AVP 111 9 0 101", "a=rtpmap:111 opus/48000/2",
            "a=fmtp:111 stereo=1;sprop-stereo=1;maxaveragebitrate=28000", "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-15", "a=rtcp:16400 IN IP6 fd00::3", "a=rtcp-mux", "a=ptime:20", "a=ssrc:3735928559 cname:x",
            "a=ssrc:3735928559 label:y", "m=video 16386 UDP/TLS/RTP/SAVPF 97 98", "c=IN IP4 239.1.1.1/127/2",
            "a=rtpmap:98 VP8/90000", "a=rtpmap:97 H264/90000", "a=fmtp:97 profile-level-id=42e01f", "a=sendrecv",
            "a=content:slides", "a=rtcp-fb:* nack pli", "m=application 9 UDP/BFCP *",
        ]
        let description = try SessionDescription.parse(lines.joined(separator: "\r\n") + "\r\n")
        #expect(description.media.count == 3)
        let audio = description.media[0]
        let opus = try #require(audio.audioFormat)
        #expect(opus.1 == .opus && opus.0.channels == 2 && opus.0.parameter("stereo") == "1")
        #expect(audio.formats.map(\.audioCodec) == [.opus, .g722, .pcmu, nil])
        #expect(audio.direction == .sendOnly && audio.packetTime == 20 && audio.ssrcs == [3_735_928_559])
        #expect(audio.rtcpPort == 16_400 && audio.controlPort == 16_384, "multiplexed wins over a=rtcp")
        let video = description.media[1]
        #expect(video.videoFormat?.1 == .h264 && video.videoFormat?.0.packetizationMode == 0)
        #expect(video.direction == .sendAndReceive && video.content == "slides")
        #expect(description.address(of: video) == "239.1.1.1" && description.address(of: audio) == "fd00::3")
        #expect(description.media[2].kind == .other("application") && description.media[2].formats.isEmpty)
    }

    @Test func `a GStreamer file without most of what the RFC asks for`() throws {
        let description = try SessionDescription.parse(
            "v=0\nm=audio 5004 RTP/AVP 8\nc=IN IP4 127.0.0.1\nm=video 0 RTP/AVP 99\na=rtpmap:99 H265/90000\n")
        #expect(description.media[0].audioFormat?.1 == .pcma)
        #expect(description.media[1].videoFormat?.1 == .h265)
        #expect(description.first(.video) == nil, "port 0 is switched off")
    }

    @Test func `a clock that is not the codec's makes another format`() throws {
        let description = try SessionDescription.parse("v=0\nm=audio 5004 RTP/AVP 96\na=rtpmap:96 opus/16000\n")
        #expect(description.media[0].audioFormat == nil)
    }

    @Test(arguments: [
        (1, "v=1\n"), (2, "v=0\nhello\n"), (2, "v=0\nm=video\n"), (2, "v=0\nm=video 65536 RTP/AVP 96\n"),
        (2, "v=0\nm=video -1 RTP/AVP 96\n"), (2, "v=0\nm=video 5000 RTP/AVP 4294967296\n"),
        (2, "v=0\nm=video 5000 RTP/AVP 128\n"), (2, "v=0\nm=video 5000 RTP/AVP 72\n"),
        (2, "v=0\nm=video 5000 RTP/AVP +96\n"), (2, "v=0\nc=IN IP4\n"), (2, "v=0\nc=IN IP4 ;rm -rf\n"),
        (2, "v=0\nc=IN IP4 $(reboot)\n"), (3, "v=0\nm=video 5000 RTP/AVP 96\na=rtpmap:96 H264\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=rtpmap:96 H264/0\n"), (3, "v=0\nm=video 5000 RTP/AVP 96\na=rtpmap:96  \n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=rtpmap:4294967296 H264/90000\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=rtpmap:96 H264/99999999999999999999\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=fmtp:96 profile-level-id=42\u{0}01f\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=fmtp:96 profile-level-id=xyzxyz\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=fmtp:96 packetization-mode=3\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=fmtp:96 sprop-parameter-sets=Z0L*\n"),
        (3, "v=0\nm=video 5000 RTP/AVP 96\na=rtcp:0\n"), (3, "v=0\nm=video 5000 RTP/AVP 96\na=ssrc:4294967296\n"),
        (0, "v=0\ns=nothing else\n"), (0, ""),
    ])
    func `what is wrong is refused with its line`(line: Int, text: String) {
        #expect {
            try SessionDescription.parse(text)
        } throws: { error in
            (error as? SDPError)?.line == line && "\(error)".hasPrefix(line == 0 ? "SDP: " : "SDP line \(line): ")
        }
    }

    @Test func `everything has an end`() {
        let media = "m=audio 5004 RTP/AVP 0\n"
        let hostile: [(String, Int)] = [
            (String(repeating: "a", count: 64 * 1024 + 1), 0),
            ("v=0\na=candidate:" + String(repeating: "1", count: 5000), 2),
            ("v=0\n" + String(repeating: media, count: 21), 22),
            ("v=0\nm=audio 5004 RTP/AVP" + String(repeating: " 0", count: 65), 2),
            ("v=0\n" + media + (0..<65).map { "a=ssrc:\($0)\n" }.joined(), 67),
            ("v=0\n" + media + "a=fmtp:0 " + String(repeating: "x=1;", count: 65), 3),
        ]
        for (text, line) in hostile {
            #expect {
                try SessionDescription.parse(text)
            } throws: { error in (error as? SDPError)?.line == line }
        }
        #expect(throws: Never.self) { try SessionDescription.parse("v=0\n" + String(repeating: media, count: 20)) }
    }

    @Test func `mangled descriptions never trap`() throws {
        let seedText = Array(
            ("v=0\r\ns=a\r\na=group:DUP a b\r\nc=IN IP4 10.0.0.1\r\nm=video 5000 RTP/SAVPF 96 97\r\na=mid:a\r\n"
                + "a=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=Z0I=,aA==\r\n"
                + "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtcp-fb:* nack pli\r\na=rtcp-fb:96 ccm fir\r\n"
                + "a=extmap:5/sendonly urn:x\r\n"
                + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\n")
                .utf8)
        var generator = SeededGenerator(seed: 4475)
        for _ in 0..<5000 {
            var text = seedText
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: text[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: text.removeSubrange(index..<min(text.count - 1, index + 5))
                default: text.insert(contentsOf: text[index..<min(text.count, index + 9)], at: index)
                }
            }
            _ = try? SessionDescription.parse(String(decoding: text, as: UTF8.self))
        }
    }

    @Test func `what is written is what ffplay opens, and reads back the same`() throws {
        var video = MediaDescription(
            kind: .video, port: 5006,
            formats: [
                .h264(
                    payloadType: Endpoint.payloadType, packetizationMode: .nonInterleaved, profileLevelID: 0x42E01F,
                    parameterSets: [hex("6742E01F"), hex("68CE3C80")])
            ])
        video.bandwidth = 1600
        video.rtcpPort = 5007
        var audio = MediaDescription(
            kind: .audio, port: 5004, formats: [PayloadFormat(.opus, payloadType: PayloadType(111)!)])
        audio.packetTime = 20
        let description = SessionDescription(name: "Huyện ủy Gia Bình", address: "10.20.3.10", media: [audio, video])
        let lines = [
            "v=0", "o=- 1 1 IN IP4 10.20.3.10", "s=Huyện ủy Gia Bình", "c=IN IP4 10.20.3.10", "t=0 0",
            "m=audio 5004 RTP/AVP 111", "a=rtpmap:111 opus/48000/2", "a=ptime:20", "m=video 5006 RTP/AVP 96",
            "b=AS:1600", "a=rtpmap:96 H264/90000",
            "a=fmtp:96 packetization-mode=1;profile-level-id=42E01F;sprop-parameter-sets=Z0LgHw==,aM48gA==",
            "a=rtcp:5007",
        ]
        #expect(description.text == lines.map { $0 + "\r\n" }.joined())
        #expect(try SessionDescription.parse(description.text) == description)
        #expect(video.formats[0].parameterSets == [hex("6742E01F"), hex("68CE3C80")])
    }

    @Test func `a name cannot become a line of its own`() {
        let description = SessionDescription(
            name: "x\r\nm=audio 1 RTP/AVP 0", address: nil,
            media: [
                MediaDescription(kind: .audio, port: 2, formats: [PayloadFormat(.pcmu, payloadType: PayloadType(0)!)])
            ])
        #expect(!description.text.contains("\r\nm=audio 1"))
    }

    @Test func `base 64 of every length comes back`() {
        var generator = SeededGenerator(seed: 64)
        for length in 1...40 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let format = PayloadFormat.h264(
                payloadType: Endpoint.payloadType, packetizationMode: .nonInterleaved, profileLevelID: 1,
                parameterSets: [bytes])
            #expect(format.parameterSets == [bytes])
        }
    }
}
