import Conference
import Console
import Foundation
import Media
import RTP
import Testing

@Suite("SDP files for receivers")
struct ReceiverDescriptionTests {
    private func description(_ keys: String) throws -> SessionDescription {
        let plan = try Operator.configuration(["--site", Operator.giaBinh + keys, "--sdp-dir", "out"]).plan
        return try #require(ReceiverDescription.of(plan.sites[0]))
    }

    @Test("say RTP/AVP and nothing more where nothing more was asked for")
    func plain() throws {
        #expect(
            try description("").text.split(separator: "\r\n") == [
                "v=0", "o=- 1 1 IN IP4 10.20.3.10", "s=Huyện ủy Gia Bình (gia-binh)", "c=IN IP4 10.20.3.10", "t=0 0",
                "m=audio 5004 RTP/AVP 111", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 useinbandfec=1", "a=ptime:20",
                "m=video 5006 RTP/AVP 96", "b=AS:1500", "a=rtpmap:96 H264/90000",
                "a=fmtp:96 packetization-mode=1;profile-level-id=42E01F",
            ])
        for keys in [",feedback=none", ",feedback=standard", ",to2=10.21.3.10:5004,audio2=7000"] {
            #expect(try description(keys) == description(""), "\(keys)")
        }
    }

    @Test("say all that was negotiated, and read back as it")
    func everything() throws {
        let suite = CryptoSuite.aes256GCM
        let (received, sent) = (Operator.key(suite, 1), Operator.key(suite, 2))
        let flags = [
            "--site",
            Operator.giaBinh + ",rtx=97,red=98,ulpfec=99,transport-cc=5,feedback=nack+pli,"
                + "srtp=\(suite.rawValue),srtp-in=\(received),srtp-out=\(sent)",
        ]
        let ours = try Operator.configuration(flags).plan.sites[0]
        let text = try #require(ReceiverDescription.of(ours)).text
        #expect(!text.contains(received), "the site's own key is none of the file's business")
        for line in [
            "m=audio 5004 RTP/SAVP 111", "m=video 5006 RTP/SAVPF 96 97 98 99",
            "a=crypto:1 AEAD_AES_256_GCM inline:\(sent)", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
            "a=rtpmap:98 red/90000", "a=rtpmap:99 ulpfec/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli",
            "a=rtcp-fb:96 transport-cc", "a=extmap:5 \(HeaderExtension.transportSequence)",
        ] {
            #expect(text.split(separator: "\r\n").contains { $0 == line }, "\(line) in\n\(text)")
        }
        // Another bridge that opens it as the file of its site gets the same.
        let folder = try TemporaryFolder()
        let path = try folder.write(text, as: "gia-binh.sdp")
        let read = try Operator.configuration(["--site", "id=gia-binh,sdp=\(path)"]).plan.sites[0]
        #expect(read.video?.repair == ours.video?.repair)
        #expect(read.video?.security?.receiveKey == ours.video?.security?.sendKey)
        #expect(read.audio?.security?.receiveKey == ours.audio?.security?.sendKey)
        #expect(read.video?.accepts == ours.video?.accepts)
    }

    @Test(
        "say AVPF where feedback is more, or less, than what every site gets",
        arguments: [
            (",rtx=97", "RTP/AVPF"), (",feedback=nack", "RTP/AVPF"), (",transport-cc=3", "RTP/AVPF"),
            (",ulpfec=97,red=98", "RTP/AVP"),
        ])
    func profile(keys: String, transport: String) throws {
        #expect(try description(keys).first(.video)?.transport == transport)
    }

    @Test("are their owner's alone where they hold keys, whatever was there before")
    func mode() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("old", as: "a.sdp")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
        try TextFile.write("new", path: path, isSecret: true)
        #expect(try permissions(path) == 0o600)
        #expect(try TextFile.read(path: path, limit: 10) == "new")
        // A link that somebody laid is replaced, not followed.
        let target = try folder.write("theirs", as: "target")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link.sdp", withDestinationPath: target)
        try TextFile.write("ours", path: folder.path + "/link.sdp", isSecret: true)
        #expect(try TextFile.read(path: target, limit: 10) == "theirs")
        #expect(throws: TextFile.WriteFailure.self) { try TextFile.write("x", path: folder.path + "/nowhere/a.sdp") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3, "no draft is left")
    }

    private func permissions(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }
}
