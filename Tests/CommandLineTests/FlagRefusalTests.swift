import Console
import Testing

@Suite("Refusals of flags")
struct FlagRefusalTests {
    private static let up = "id=up,video=7100,to=h:1"
    private static let spare = "id=spare,video=7104,to=h:5"
    private static let third = "id=third,video=7108,to=h:9"

    /// The flags after one good site, and what the message must be.
    static let cases: [(flags: [String], message: String)] = [
        (["--site", "id=b,video=50o6,to=h:1"], "--site no. 2 (b): video=50o6: expected a UDP port from 1 to 65534"),
        (["--site", "id=b,video=65535,to=h:1"], "--site no. 2 (b): video=65535: expected a UDP port from 1 to 65534"),
        (["--site", "id=b,video=7000,to=h"], "--site no. 2 (b): to=h: expected HOST:PORT"),
        (["--site", "id=b,video=7000,to=h:65533"], "--site no. 2 (b): to=h:65533: expected HOST:PORT"),
        (["--site", "id=b,video=7000,to=1.2.3.400:5"], "to=1.2.3.400:5: expected HOST:PORT, an IPv4 address"),
        (["--site", "id=B,video=7000,to=h:1"], "--site no. 2 (B): id=B: expected 1 to 32 of a-z"),
        (["--site", "video=7000,to=h:1"], "--site no. 2: expected id=ID"),
        (["--site", "id=b,to=h:1"], "--site no. 2 (b): expected audio=PORT, video=PORT or sdp=FILE"),
        (["--site", "id=b,video=7000"], "--site no. 2 (b): expected to=HOST:PORT, or from=HOST or from=any"),
        (["--site", "id=b,video=7000,too=h:1,from=any"], "--site no. 2 (b): too: expected one of the keys to, "),
        (["--site", "id=b,name"], "--site no. 2: part 2=name: expected KEY=VALUE"),
        (["--site", "id=gia-binh,video=7000,to=h:1"], "id=gia-binh: expected an id of its own: --site no. 1 has"),
        (["--site", "id=speaker,video=7000,to=h:1"], "--site no. 2 (speaker): id=speaker: expected an id that is no"),
        (["--site", "id=b,video=5004,to=h:1"], "--site no. 2 (b): video=5004: expected a port that site gia"),
        (["--site", "id=b,video=5003,to=h:1"], "(b): video=5003: port 5004 for RTCP: expected a port that site"),
        (["--site", "id=b,video=7000,to=h:1,video-codec=h266/96"], "video-codec=h266/96: expected CODEC/PAYLOAD-TYPE"),
        (["--site", "id=b,video=7000,to=h:1,video-codec=h264/72"], "video-codec=h264/72: expected CODEC/PAYLOAD-TYPE"),
        (["--site", "id=b,audio=7000,to=h:1,audio-codec=g729"], "audio-codec=g729: expected CODEC/PAYLOAD-TYPE"),
        (["--site", "id=b,audio=7000,to=h:1,size=640x360"], "(b): size=640x360: expected video=PORT with it"),
        (["--site", "id=b,video=7000,to=h:1,size=641x360"], "(b): size=641x360: expected even numbers"),
        (["--site", "id=b,video=7000,to=h:1,size=big"], "(b): size=big: expected a size in pixels such as 1280x720"),
        (
            ["--site", "id=b,video=7000,to=h:1,slides=7004,slides-size=19201080000x10801920000"],
            "(b): slides-size=19201080000x10801920000: expected a size in pixels such as 1280x720, a side at most 65535"
        ),
        (["--site", "id=b,video=7000,to=h:1,fps=50"], "(b): fps=50: expected at most the 30 fps of its program room"),
        (["--site", "id=b,video=7000,to=h:1,video-bitrate=1"], "(b): video-bitrate=1: expected 32k to 50M"),
        (["--site", "id=b,audio=7000,to=h:1,gain=loud"], "(b): gain=loud: expected a gain from -60 to 20 dB"),
        (["--site", "id=b,video=7000,to=h:1,mute=maybe"], "(b): mute=maybe: expected true or false"),
        (["--site", "id=b,video=7000,to=h:1,fit=stretch"], "(b): fit=stretch: expected one of letterbox, crop"),
        (
            ["--site", "id=b,video=7000,to=h:1,profile=main"],
            "profile=main: expected one of constrained-baseline, high"
        ),
        (
            ["--site", "id=b,video=7000,to=h:1,packetization-mode=2"],
            "packetization-mode=2: expected a whole number from 0"
        ),
        (
            ["--site", "id=b,video=7000,to=h:1,video-codec=vp8/97,profile=high"],
            "profile=high: expected it only with H.264"
        ),
        (["--site", "id=b,video=7000,to=h:1,layout=9z9"], "(b): layout=9z9: unknown layout"),
        (["--site", "id=b,sdp=/nowhere/b.sdp"], "(b): sdp=/nowhere/b.sdp: expected a file that is there"),
        (["--site", "id=b,video=7000,to=h:1,name=a\u{1B}[2J"], "name=a\\u{1b}[2J: expected 1 to 80 characters"),
        (["--layout", "3y3"], "--layout 3y3: unknown layout \"3y3\": expected a name"),
        (["--layout", "A A / A ."], "--layout A A / A .: row 2, column 2: \".\": expected \"A\""),
        (["--size", "1281x720"], "--size 1281x720: expected even numbers from 64x64"),
        (["--fps", "0"], "--fps 0: expected a whole number from 1 to 60"),
        (["--fit", ""], "--fit \"\": expected one of letterbox, crop"),
        (["--gop", "soon"], "--gop soon: expected a time from 0.5s to 60s"),
        (["--loudest", "0"], "--loudest 0: expected a whole number from 1 to 1000"),
        (["--preset", "best"], "--preset best: expected auto or one of ultrafast"),
        (["--encoder", "lib x264"], "--encoder lib x264: expected the name of an encoder"),
        (["--lecturer", "nobody"], "--lecturer nobody: expected the id of a site, one of gia-binh"),
        (["--hub", "nobody"], "--hub nobody: expected the id of a site that is no link, one of gia-binh"),
        (["--hub", "up", "--uplink", Self.up], "--hub up: expected the id of a site that is no link, one of gia-binh"),
        (
            ["--site", "id=b,video=7000,to=h:1,backup=gia-binh"],
            "--site no. 2 (b): backup=gia-binh: expected it of an uplink or a downlink; b is a plain site"
        ),
        (["--uplink", Self.up + ",backup=UP"], "--uplink no. 1 (up): backup=UP: expected the id of a link"),
        (["--uplink", Self.up + ",backup=up"], "--uplink no. 1 (up): backup=up: expected the id of another uplink"),
        (
            ["--uplink", Self.up, "--uplink", Self.spare + ",backup=upp"],
            "--uplink no. 2 (spare): backup=upp: expected the id of another uplink, one of up"
        ),
        (
            ["--uplink", Self.spare + ",backup=gia-binh"],
            "(spare): backup=gia-binh: expected the id of another uplink; gia-binh is a plain site"
        ),
        (
            ["--downlink", Self.up, "--uplink", Self.spare + ",backup=up"],
            "(spare): backup=up: expected the id of another uplink; up is a downlink"
        ),
        (
            ["--uplink", Self.up, "--uplink", Self.spare + ",backup=up", "--uplink", Self.third + ",backup=spare"],
            "--uplink no. 3 (third): backup=spare: expected a link that isn't a backup itself; spare is one"
        ),
        (
            ["--uplink", Self.up, "--uplink", Self.spare + ",backup=up", "--uplink", Self.third + ",backup=up"],
            "--uplink no. 3 (third): backup=up: expected one backup a link; up has spare"
        ),
        (
            ["--uplink", Self.up, "--uplink", Self.spare + ",audio=7110,backup=up"],
            "--uplink no. 2 (spare): backup=up: expected the same media as up has"
        ),
        (
            ["--uplink", Self.up, "--uplink", Self.spare + ",backup=up", "--program", "id=p,to=spare"],
            "--uplink no. 2 (spare): backup=up: expected one program for both"
        ),
        (["--bind", "eth0"], "--bind eth0: expected an IPv4 address of this machine"),
        (["--dscp-audio", "64"], "--dscp-audio 64: expected a whole number from 0 to 63"),
        (["--video-bitrate", "fast"], "--video-bitrate fast: expected a bitrate such as 1500k"),
        (["--audio-bitrate", "1k"], "--audio-bitrate 1k: expected 6k to 510k"),
        (["--http", "8080"], "--http 8080: expected off or HOST:PORT"),
        (["--http", "0.0.0.0:8080"], "--http 0.0.0.0:8080: expected a token too"),
        (["--token", "short"], "--token …: expected 8 to 256"),
        (["--log-level", "loud"], "--log-level loud: expected one of trace, debug"),
        (["--log-format", "xml"], "--log-format xml: expected one of text, json"),
        (["--program", "id=return,layout=speaker"], "--program no. 1 (return): expected to=ID"),
        (
            ["--program", "id=p,to=nobody"],
            "--program no. 1 (p): to=nobody: expected ids of sites joined by \"+\", of gia-binh"
        ),
        (["--program", "id=p,to=gia-binh,sound=loud"], "(p): sound=loud: expected all, none, or ids of sites"),
        (["--program", "id=p,to=gia-binh,sights=all"], "(p): sights: expected one of the keys "),
        (["--program", "id=p,to=gia-binh,size=63x63"], "(p): size=63x63: expected even numbers"),
        (
            ["--program", "id=p,to=gia-binh", "--program", "id=q,to=gia-binh"],
            "--program no. 2 (q): to=gia-binh: expected each"
        ),
        (["--program", "id=p,to=gia-binh", "--program", "id=p,to=gia-binh"], "(p): id=p: expected an id of its own"),
        (["--config", "/nowhere.yaml"], "/nowhere.yaml: expected a file that is there"),
    ]

    @Test("name the flag, the value and what was expected", arguments: cases)
    func message(flags: [String], message: String) throws {
        let refusals = try Operator.refusals(["--site", Operator.giaBinh] + flags)
        #expect(refusals.description.contains(message), "\(refusals)")
        #expect(refusals.items.count == 1 || flags.count > 2, "\(refusals)")
        #expect(refusals.exitCode == (flags.contains("--config") ? 78 : 2))
        #expect(refusals.description.split(separator: "\n").allSatisfy { $0.hasPrefix("mcu-server: ") })
    }

    @Test("come all at once")
    func allAtOnce() throws {
        let refusals = try Operator.refusals(
            ["--site", "id=a,video=x,to=y", "--site", "id=b,vido=1", "--fps", "61", "--bind", "here"])
        #expect(refusals.items.count == 6, "\(refusals)")
    }

    @Test("say that there is no site")
    func noSite() throws {
        #expect(try Operator.refusals([]).description == "mcu-server: --site: no site: expected at least one site")
    }

    @Test("of what the environment says are of the configuration")
    func environment() throws {
        let refusals = try Operator.refusals(["--site", Operator.giaBinh], environment: ["MCU_VIDEO_BITRATE": "lots"])
        #expect(
            refusals.description
                == "mcu-server: MCU_VIDEO_BITRATE=lots: expected a bitrate such as 1500k, 1.5M or 1500000")
        #expect(refusals.exitCode == 78)
    }
}
