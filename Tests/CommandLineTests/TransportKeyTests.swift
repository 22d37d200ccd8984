import Conference
import Console
import Media
import RTP
import Testing

@Suite("Keys for lines, SRTP and repair")
struct TransportKeyTests {
    static let key = Operator.key(.aes128GCM, 7)

    private func site(_ keys: String, _ flags: [String] = []) throws -> SitePlan {
        let plan = try Operator.configuration(["--site", Operator.giaBinh + "," + keys] + flags).plan
        return try #require(plan.sites.first)
    }

    @Test("give each medium its second line")
    func secondLine() throws {
        let both = try site("audio2=5104,video2=5106,to2=10.21.3.10:6004")
        #expect(
            both.audio?.secondLine == SecondLine(port: 5104, destination: HostPort(host: "10.21.3.10", port: 6004)))
        #expect(
            both.video?.secondLine == SecondLine(port: 5106, destination: HostPort(host: "10.21.3.10", port: 6006)))
        let apart = try site("audio-to2=h:1,video-to2=i:3,video2=5106")
        #expect(apart.audio?.secondLine == SecondLine(port: nil, destination: HostPort(host: "h", port: 1)))
        #expect(apart.video?.secondLine == SecondLine(port: 5106, destination: HostPort(host: "i", port: 3)))
        #expect(try site("mute=no").video?.secondLine == nil)
    }

    @Test("name the payload types of repair, and what they repair")
    func repair() throws {
        let plan = try site("rtx=97,ulpfec=98,red=99,transport-cc=14").video?.repair
        #expect(
            plan
                == RepairPlan(
                    feedback: FeedbackKinds.standard.union(.transport), retransmission: PayloadType(97),
                    retransmitted: [PayloadType(97)!: PayloadType(96)!], fec: PayloadType(98),
                    redundant: PayloadType(99), transportExtension: 14))
        #expect(try site("red=99").video?.repair.redundant == PayloadType(99))
        let other = try site("video-codec=h265/100,rtx=101").video?.repair
        #expect(other?.retransmitted == [PayloadType(101)!: PayloadType(100)!])
    }

    @Test(
        "choose the feedback",
        arguments: [
            ("feedback=none", []), ("feedback=standard", .standard), ("feedback=nack+pli", [.nack, .pli]),
            ("feedback=nack+pli+fir+tmmbr+remb", .standard),
            ("feedback=transport-cc+remb,transport-cc=3", [.transport, .remb]),
            ("feedback=none,transport-cc=3", .transport), ("mute=no", .standard),
        ] as [(String, FeedbackKinds)])
    func feedback(keys: String, kinds: FeedbackKinds) throws {
        #expect(try site(keys).video?.repair.feedback == kinds)
    }

    @Test("bound the jitter buffer, and fix the rate")
    func delayAndRate() throws {
        #expect(try site("jitter=0-2000").audio?.delay == 0...2000)
        #expect(try site("jitter=60-60").audio?.delay == 60...60)
        #expect(try site("ptime=40").audio?.packetTime == 40)
        #expect(try site("mute=no").audio?.packetTime == 20)
        #expect(try site("mute=no").audio?.delay == 20...200)
        #expect(try site("adapt=no").video?.adapts == false)
        #expect(try site("adapt=yes").video?.adapts == true)
        #expect(try site("mute=no").video?.adapts == true)
    }

    @Test("protect sound and pictures", arguments: CryptoSuite.allCases)
    func security(suite: CryptoSuite) throws {
        let (received, sent) = (Operator.key(suite, 1), Operator.key(suite, 2))
        let site = try site("srtp=\(suite.rawValue.lowercased()),srtp-in=\(received),srtp-out=\(sent)")
        let size = suite.keySize + suite.saltSize
        let plan = SecurityPlan(
            receiveKey: try #require(MasterKey(suite, [UInt8](repeating: 1, count: size))),
            sendKey: try #require(MasterKey(suite, [UInt8](repeating: 2, count: size))))
        #expect(site.audio?.security == plan && site.video?.security == plan)
        #expect(try self.site("mute=no").audio?.security == nil)
    }

    @Test("make a key of ours where none is given: another for each medium and each start")
    func randomKey() throws {
        let keys = "srtp=AEAD_AES_128_GCM,srtp-in=\(Self.key)"
        let sites = [try site(keys, ["--sdp-dir", "out"]), try site(keys, ["--sdp-dir", "out"])]
        let ours = sites.flatMap { [$0.audio?.security?.sendKey, $0.video?.security?.sendKey] }.compactMap(\.self)
        #expect(Set(ours).count == 4 && ours.allSatisfy { $0.suite == .aes128GCM && $0.bytes.count == 28 })
        // Nobody could learn it.
        let refusals = try Operator.refusals(["--site", Operator.giaBinh + "," + keys])
        #expect(refusals.description.contains("srtp=AEAD_AES_128_GCM: expected srtp-out with it, or --sdp-dir"))
        let silent = "id=b,audio=7000,from=10.0.0.1,srtp=AEAD_AES_128_GCM,srtp-in=\(Self.key)"
        #expect(try Operator.configuration(["--site", silent]).plan.sites[0].audio?.security != nil)
    }

    @Test("take keys from files, beside the config file if that names them")
    func keyFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.key + "\n", as: "gia-binh.key")
        let flag = try site("srtp=AEAD_AES_128_GCM,srtp-in=@\(path),srtp-out=@\(path)")
        #expect(flag.audio?.security?.receiveKey == MasterKey(.aes128GCM, [UInt8](repeating: 7, count: 28)))
        let file = try folder.write(
            """
            sdp-dir: out
            sites:
              - id: a
                audio: 6000
                to: h:1
                srtp: AEAD_AES_128_GCM
                srtp-in: "@gia-binh.key"
                audio2: 6100
                jitter: 40-80
              - id: b
                video: 6002
                to: h:3
                feedback: [nack, pli]
                adapt: no
            """, as: "mcu.yaml")
        let sites = try Operator.configuration(["--config", file]).plan.sites
        #expect(sites[0].audio?.security?.receiveKey == flag.audio?.security?.receiveKey)
        #expect(sites[0].audio?.secondLine?.port == 6100 && sites[0].audio?.delay == 40...80)
        #expect(sites[1].video?.repair.feedback == [.nack, .pli] && sites[1].video?.adapts == false)
    }

    /// What follows `--site no. 1 (gia-binh): `, or is in it.
    static let refusals: [(keys: String, message: String)] = [
        ("audio2=x", "audio2=x: expected a UDP port from 1 to 65534"),
        ("audio2=5004", "audio2=5004: expected a port that site gia-binh: audio doesn't take"),
        ("video2=5003", "video2=5003: port 5004 for RTCP: expected a port that site gia-binh: audio"),
        ("audio2=6000,video2=6001", "video2=6001: expected a port that site gia-binh: audio2 doesn't take"),
        ("to2=h", "to2=h: expected HOST:PORT"), ("to2=h:65533", "to2=h:65533: expected HOST:PORT"),
        ("audio-to2=h:0", "audio-to2=h:0: expected HOST:PORT"), ("video-to2=:1", "video-to2=:1: expected HOST:PORT"),
        ("to2=10.20.3.10:5004", "to2=10.20.3.10:5004: expected another address than the first line's"),
        ("video-to2=10.20.3.10:5006", "video-to2=10.20.3.10:5006: expected another address"),
        ("rtx=72", "rtx=72: expected a payload type, a number 0-63 or 96-127"),
        ("ulpfec=128", "ulpfec=128: expected a payload type"), ("red=", "red=\"\": expected a payload type"),
        ("rtx=96", "rtx=96: expected a payload type of its own; 96 is h264's"),
        ("rtx=97,ulpfec=97", "ulpfec=97: expected a payload type of its own; 97 is rtx's"),
        ("red=98,ulpfec=98", "red=98: expected a payload type of its own; 98 is ulpfec's"),
        ("rtx=97,feedback=pli", "rtx=97: expected feedback with nack, which it answers"),
        ("transport-cc=0", "transport-cc=0: expected a whole number from 1 to 14"),
        ("transport-cc=15", "transport-cc=15: expected a whole number from 1 to 14"),
        ("feedback=nack+nak", "feedback=nack+nak: expected none, standard, or some of nack, pli, fir, tmmbr, remb"),
        ("feedback=nack+nack", "feedback=nack+nack: expected none"), ("feedback=", "feedback=\"\": expected none"),
        ("feedback=none+nack", "feedback=none+nack: expected none"),
        ("feedback=transport-cc", "feedback=transport-cc: expected transport-cc=ID with it"),
        ("adapt=maybe", "adapt=maybe: expected true or false"),
        ("ptime=30", "ptime=30: expected 20 or 40, in ms"), ("ptime=", "ptime=\"\": expected 20 or 40, in ms"),
        ("jitter=20", "jitter=20: expected LEAST-MOST in ms, such as 20-200: from 0 to 2000, the most at least 20"),
        ("jitter=200-20", "jitter=200-20: expected LEAST-MOST"),
        ("jitter=0-2001", "jitter=0-2001: expected LEAST-MOST"),
        ("jitter=-20-200", "jitter=-20-200: expected"), ("jitter=0-10", "jitter=0-10: expected LEAST-MOST"),
        ("srtp=AES_CM_256", "srtp=AES_CM_256: expected one of AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32, AEAD_"),
        ("srtp=AEAD_AES_128_GCM", "srtp=AEAD_AES_128_GCM: expected srtp-in with it: the key that the site sends with"),
        ("srtp-in=\(key)", "srtp-in=…: expected the suite (srtp) with it"),
        ("srtp-out=\(key)", "srtp-out=…: expected the suite (srtp) with it"),
        ("srtp=AEAD_AES_128_GCM,srtp-in=a*b", "srtp-in=…: expected a key and its salt in base 64, or @FILE"),
        ("srtp=AEAD_AES_128_GCM,srtp-in=", "srtp-in=…: expected a key and its salt in base 64, or @FILE"),
        ("srtp=AEAD_AES_128_GCM,srtp-in=@/nowhere/a.key", "srtp-in=@/nowhere/a.key: expected a file that is there"),
        ("srtp=AEAD_AES_128_GCM,srtp-in=@/dev/zero", "srtp-in=@/dev/zero: expected a file of at most 1024 bytes"),
        (
            "srtp=AES_CM_128_HMAC_SHA1_80,srtp-in=\(key)",
            "srtp-in=…: expected base 64 of 30 bytes, the 16 of the key and the 14 of the salt of AES_CM_128_HMAC_SHA1_80"
        ),
        ("srtp=AEAD_AES_128_GCM,srtp-in=\(key),srtp-out=AAAA", "srtp-out=…: expected base 64 of 28 bytes"),
    ]

    @Test("are refused with the value and what was expected", arguments: refusals)
    func refusing(keys: String, message: String) throws {
        let refusals = try Operator.refusals(["--sdp-dir", "out", "--site", Operator.giaBinh + "," + keys])
        #expect(refusals.description.contains("--site no. 1 (gia-binh): " + message), "\(refusals)")
        #expect(refusals.items.count == 1, "\(refusals)")
        #expect(refusals.exitCode == 2)
    }

    @Test(
        "of a medium that isn't there are refused",
        arguments: [
            (
                "audio=7000", ["video2=7100", "video-to2=h:9", "rtx=97", "ulpfec=97", "red=97", "transport-cc=3"],
                "video"
            ),
            ("audio=7000", ["feedback=none", "adapt=no"], "video"),
            ("video=7000", ["audio2=7100", "audio-to2=h:9", "jitter=20-40", "ptime=40"], "audio"),
        ])
    func withoutMedium(site: String, keys: [String], medium: String) throws {
        for key in keys {
            let refusals = try Operator.refusals(["--site", "id=b,\(site),to=h:1,\(key)"])
            #expect(
                refusals.description == "mcu-server: --site no. 1 (b): \(key): expected \(medium)=PORT with it",
                "\(refusals)")
        }
    }

    @Test("refuse a second line out without a first")
    func firstLine() throws {
        let refusals = try Operator.refusals(["--site", "id=b,audio=7000,from=any,to2=h:1"])
        #expect(refusals.description.contains("to2=h:1: expected a first line too (to)"), "\(refusals)")
    }
}
