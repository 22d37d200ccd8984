import Conference
import Console
import Media
import Testing

@Suite("Secrets")
struct SecretTests {
    /// 28 bytes, so that no suite but AES-128-GCM takes it; its letters occur nowhere else.
    private static let key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0MQ=="

    /// Everything an operator may get wrong about a key.
    static let mistakes = [
        "id=b,audio=7000,to=h:1,srtp-in=KEY", "id=b,audio=7000,to=h:1,srtp-out=KEY",
        "id=b,audio=7000,to=h:1,srtp=KEY", "id=b,audio=7000,to=h:1,srtp=inline:KEY",
        "id=b,audio=7000,to=h:1,srtp=AEAD_AES_256_GCM,srtp-in=KEY",
        "id=b,audio=7000,to=h:1,srtp=AEAD_AES_128_GCM,srtp-in=inline:KEY",
        "id=b,audio=7000,to=h:1,srtp=AEAD_AES_128_GCM,srtp-in=@KEY",
        "id=b,audio=7000,to=h:1,srtp=AEAD_AES_128_GCM srtp-in=KEY",
        "id=b,audio=7000,to=h:1,srtp=AEAD_AES_128_GCM,srtp-in=KEY,srtp-in=KEY",
        "id=b,audio=7000,to=h:1,srtp-in=\"KEY", "id=b,audio=7000,to=h:1,srtp-in=\"\" KEY",
        "id=b,audio=7000,to=h:1,srtp-in KEY", "id=b,audio=7000,to=h:1,srtp-in:KEY", "srtp-in,KEY",
        "id=b srtp-in=KEY,audio=7000", "id=b,srtp_in=KEY", "id=b,audio=7000,to=h:1,layout=3x3 srtp-in=KEY",
        "id=b,audio=7000,to=h:1,name=\u{7} SRTP-IN: KEY", "id=b,audio=7000 srtp-out =KEY",
        "id=b,sdp=a.sdp srtp-in=KEY", "id=b,audio=7000,to=h srtp-in KEY", "id=b,srtp-in=,KEY", "id=b,srtpin,KEY",
        "id=b,audio=7000,to=h:1 srtp-in=\"KEY\"",
    ]

    @Test("are in no refusal of a flag", arguments: mistakes)
    func flags(list: String) throws {
        let refusals = try Operator.refusals(["--site", list.replacing("KEY", with: Self.key)])
        #expect(!refusals.isEmpty)
        expectNoKey(in: refusals)
    }

    @Test(
        "are in no refusal of the config file",
        arguments: mistakes.map { "sites:\n  - '\($0.replacing("\u{7}", with: "\t"))'\n" } + [
            "sites: 'id=b,srtp-in=KEY'\n", "srtp-in: KEY\n", "sites:\n  - {id: b, audio: 1, srtp-in: [KEY, KEY]}\n",
            "sites:\n  - {id: b, audio: 1, from: any, srtp-in: KEY}\n", "sites:\n  - srtp-in: KEY\n    srtp-in: KEY\n",
            "sites:\n  - srtp-in: KEY\u{1}\n", "sites:\n  - srtp-in: \"KEY\n", "sites:\n  - srtp-in: {KEY: a, KEY: b\n",
            "fps: 'srtp-in: KEY'\n", "sites:\n  - srtp-in: &KEY *KEY\n", "token: KEY KEY\n",
        ])
    func file(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(text.replacing("KEY", with: Self.key), as: "mcu.yaml")
        let refusals = try Operator.refusals(["--config", path])
        #expect(!refusals.isEmpty)
        expectNoKey(in: refusals)
    }

    @Test("are in no plan's report or description, and in no description of what was read")
    func plan() throws {
        let list =
            "\(Operator.giaBinh),srtp=AEAD_AES_128_GCM,srtp-in=\(Self.key),srtp-out=\(Self.key)"
        let configuration = try Operator.configuration(["--site", list])
        let key = try #require(configuration.plan.sites.first?.audio?.security?.receiveKey)
        var dumped = ""
        dump(configuration, to: &dumped)
        let read = try Specification(collection: .sites, origin: .flag("--site", position: 1), text: list)
        let texts = [
            PlanReport(configuration).lines.joined(separator: "\n"), "\(configuration)",
            String(reflecting: configuration), dumped, "\(read)", "\(read.fields)",
        ]
        for text in texts {
            #expect(!text.contains(Self.key.prefix(8)), "\(text)")
            #expect(!text.contains(key.bytes.prefix(4).map { "\($0)" }.joined(separator: ", ")))
        }
        #expect(texts[0].contains("AEAD_AES_128_GCM"))
    }

    @Test(
        "leave the rest of a message alone",
        arguments: [
            ("10.0.0.1:5004", "10.0.0.1:5004"), ("a srtp-in=b,c=d", "a srtp-in=…,c=d"), ("srtp-out : x", "srtp-out :…"),
            ("/etc/srtp/a.sdp", "/etc/srtp/a.sdp"), ("inline:abc,inline:d", "inline:…,inline:…"), ("", ""),
            ("srtp=", "srtp=…"),
        ])
    func redaction(text: String, shown: String) {
        #expect(Secret.redacted(text) == shown)
    }

    @Test("are not in what is staged, as everybody may read it; sent back so, it means the same")
    func staged() throws {
        let list =
            "add id=x,name=Xã,audio=6000,srtp=AEAD_AES_128_GCM,srtp-in=\(Self.key), srtp-out = \"\(Self.key)\"; "
            + "add id=cam,name=\"A, \\\"B\\\"\",play=rtsp://user:a\\,b@10.0.0.9:554/1?pass=word; mute x"
        let requests = try ControlRequest.list(list)
        let shown = requests.map(\.redacted)
        #expect(shown[0].specification == "id=x,name=Xã,audio=6000,srtp=AEAD_AES_128_GCM,srtp-in=…,srtp-out=…")
        #expect(shown[1].specification == "id=cam,name=\"A, \\\"B\\\"\",play=rtsp://10.0.0.9:554/1")
        #expect(shown[2] == requests[2])
        #expect(shown.map { $0.completed(from: requests) } == requests)
        // Of another site it says nothing.
        var other = shown[0]
        other.specification += ",mute=yes"
        #expect(other.completed(from: requests) == other)
    }

    private func expectNoKey(in refusals: Refusals) {
        for text in [refusals.description, "\(refusals.items)", String(reflecting: refusals)] {
            for start in stride(from: 0, to: Self.key.count - 8, by: 4) {
                #expect(!text.contains(Self.key.dropFirst(start).prefix(8)), "\(text)")
            }
        }
    }
}
