import Media
import Mixer
import TestSupport
import Testing

@Suite struct SharedEncodingTests {
    private static let opus = AudioFormat(codec: .opus)

    /// Sites that send what `sound` says for `ticks`, and the packets each got.
    private func packets(
        sites: Int, ticks: Int, formats: [AudioFormat] = [opus], sound: (_ site: Int, _ tick: Int) -> [Float]?
    ) throws -> (packets: [[[UInt8]]], encodes: [Int]) {
        var mixer = AudioMixer()
        var encoding = SharedEncoding()
        let program = mixer.addProgram()
        let sources = (0..<sites).map { _ in mixer.addSource() }
        let listeners = sources.map { mixer.addListener(program: program, source: $0) }
        for listener in listeners { try encoding.addListener(listener, format: formats[listener % formats.count]) }
        var packets: [[[UInt8]]] = Array(repeating: [], count: sites)
        var encodes: [Int] = []
        for tick in 0..<ticks {
            for (site, source) in sources.enumerated() {
                guard let samples = sound(site, tick) else { continue }
                _ = mixer.input(source).update(from: samples)
            }
            mixer.mix()
            encoding.encode(mixer)
            encodes.append(encoding.encodeCount)
            for (site, listener) in listeners.enumerated() {
                let packet = encoding.packet(for: listener)
                packets[site].append(Array(try #require(packet)))
            }
        }
        return (packets, encodes)
    }

    private func decode(_ packets: [[UInt8]]) throws -> [Float] {
        var decoder = try OpusDecoder()
        let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
        defer { samples.deallocate() }
        var heard: [Float] = []
        for packet in packets {
            let result = packet.withUnsafeBytes { decoder.decode($0, into: samples) }
            #expect(result == .samples(960))
            heard.append(contentsOf: samples.prefix(960))
        }
        return heard
    }

    @Test func whoSaysNothingSharesOneEncode() throws {
        let (packets, encodes) = try packets(sites: 13, ticks: 30) { site, tick in
            site < 2 ? Sound.tone(site == 0 ? 440 : 700, tick: tick) : nil
        }
        #expect(encodes.allSatisfy { $0 == 3 })
        for site in 3..<13 { #expect(packets[site] == packets[2]) }
        #expect(packets[0] != packets[2])
        let heard = try decode(packets[0])
        #expect(ToneProbe(frequency: 700).level(in: heard.suffix(14_400)) > -21)
        #expect(ToneProbe(frequency: 440).level(in: heard.suffix(14_400)) < -60)
    }

    @Test func eachFormatIsEncodedOnce() throws {
        let formats = [Self.opus, AudioFormat(codec: .pcma), AudioFormat(codec: .g722)]
        let (packets, encodes) = try packets(sites: 9, ticks: 10, formats: formats) { _, _ in nil }
        #expect(encodes.allSatisfy { $0 == 3 })
        #expect(packets[1].allSatisfy { $0.count == 160 })
        #expect(packets[0] == packets[6] && packets[1] == packets[7] && packets[2] == packets[8])
    }

    /// Site 1 speaks throughout. Site 0 makes ticks from 1 s to 2 s: its listener goes to an encoder of its own and, at
    /// 4 s, back. It must hear what it hears when it never moves. The samples are such that adding the ticks and taking
    /// them out again rounds nothing, so that packets can be compared.
    private func heardByTheMoving(sites: Int, isMoving: Bool) throws -> [[UInt8]] {
        var tick = [Float](repeating: 0, count: Sound.block)
        tick[480] = 1 / 64
        let (packets, encodes) = try packets(sites: sites, ticks: 300) { site, time in
            switch site {
            case 0: isMoving && (50..<100).contains(time) ? tick : nil
            case 1: Sound.tone(300, amplitude: 0.3, tick: time).map { ($0 * 16_384).rounded() / 16_384 }
            default: nil
            }
        }
        #expect(encodes[70] == (isMoving && sites == 3 ? 3 : 2))
        #expect(encodes[299] == 2)
        return packets[0]
    }

    @Test func movingWhereNobodyElseListensChangesNoBit() throws {
        let moved = try heardByTheMoving(sites: 2, isMoving: true)
        let unmoved = try heardByTheMoving(sites: 2, isMoving: false)
        #expect(moved == unmoved)
    }

    @Test func movingToOthersIsNotHeard() throws {
        let moved = try heardByTheMoving(sites: 3, isMoving: true)
        let unmoved = try heardByTheMoving(sites: 3, isMoving: false)
        #expect(moved[..<200] == unmoved[..<200], "its own encoder is a twin of the one it left")
        #expect(moved[200...] != unmoved[200...], "now it shares that of site 2, which heard the ticks")
        let (now, before) = (try decode(moved), try decode(unmoved))
        #expect(Sound.largestStep(now[19_200...]) < Sound.largestStep(before[19_200...]) * 1.2)
        #expect(Sound.signalToNoise(before[195 * 960..<210 * 960], now[195 * 960..<210 * 960]) > 25)
    }

    @Test func aForkedEncoderContinuesItsTwinsStream() throws {
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 48_000))
        var twin = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 20_000))
        _ = Packets.of(&encoder, ticks: 20) { Sound.tone(440, tick: $0) }
        twin.become(encoder)
        let expected = Packets.of(&encoder, ticks: 10, from: 20) { Sound.tone(440, tick: $0) }
        let actual = Packets.of(&twin, ticks: 10, from: 20) { Sound.tone(440, tick: $0) }
        #expect(expected == actual)
    }

    @Test func listenersComeAndGo() throws {
        var mixer = AudioMixer()
        var encoding = SharedEncoding()
        let program = mixer.addProgram()
        var numbers = SeededNumbers(state: 11)
        var sites: [(source: Int, listener: Int)] = []
        for tick in 0..<400 {
            if tick % 3 == 0, sites.count < 12 {
                let source = mixer.addSource()
                let listener = mixer.addListener(program: program, source: source)
                let codec = AudioCodec.allCases[Int.random(in: 0..<4, using: &numbers)]
                try encoding.addListener(listener, format: AudioFormat(codec: codec))
                sites.append((source, listener))
            }
            if tick % 5 == 0, sites.count > 2 {
                let site = sites.remove(at: Int.random(in: 0..<sites.count, using: &numbers))
                encoding.removeListener(site.listener)
                mixer.removeListener(site.listener)
                mixer.removeSource(site.source)
            }
            for site in sites where Bool.random(using: &numbers) {
                _ = mixer.input(site.source).update(from: Sound.tone(440, amplitude: 0.3, tick: tick))
            }
            mixer.mix()
            encoding.encode(mixer)
            for site in sites {
                let size = encoding.packet(for: site.listener)?.count ?? 0
                #expect(size > 0)
            }
        }
        let failures = encoding.failures
        let encoders = encoding.encoderCount
        #expect(failures == 0)
        #expect(encoders <= 4 * 24)
    }

    // MARK: Two blocks in a packet

    /// What a listener was sent, tick by tick.
    private typealias Sent = [[(packet: [UInt8], age: Int)]]

    /// As `packets`, of listeners who want the packets of two ticks in one where `isJoined`.
    private func joined(
        isJoined: [Bool], ticks: Int, format: AudioFormat = opus, sound: (_ site: Int, _ tick: Int) -> [Float]?
    ) throws -> [Sent] {
        var mixer = AudioMixer()
        var encoding = SharedEncoding()
        let program = mixer.addProgram()
        let sources = isJoined.map { _ in mixer.addSource() }
        let listeners = sources.map { mixer.addListener(program: program, source: $0) }
        for (listener, isJoined) in zip(listeners, isJoined) {
            try encoding.addListener(listener, format: format, isJoined: isJoined)
        }
        var sent: [Sent] = Array(repeating: [], count: listeners.count)
        for tick in 0..<ticks {
            for (site, source) in sources.enumerated() {
                if let samples = sound(site, tick) { _ = mixer.input(source).update(from: samples) }
            }
            mixer.mix()
            encoding.encode(mixer)
            for (site, listener) in listeners.enumerated() {
                var packets: [(packet: [UInt8], age: Int)] = []
                encoding.forEachPacket(for: listener) { packets.append((Array($0), $1)) }
                sent[site].append(packets)
            }
        }
        return sent
    }

    private func heard(_ sent: Sent) throws -> [Float] {
        var decoder = try OpusDecoder()
        let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
        defer { samples.deallocate() }
        var heard: [Float] = []
        for (packet, _) in sent.joined() {
            guard case .samples(let count) = packet.withUnsafeBytes({ decoder.decode($0, into: samples) }) else {
                Issue.record("a packet can't be decoded")
                continue
            }
            heard.append(contentsOf: samples.prefix(count))
        }
        return heard
    }

    /// Both are the sound of all ticks, as far as the shorter one goes: one may wait for its second block.
    private func isSame(_ one: Sent, as other: Sent, sparing blocks: Int = 1) throws -> Bool {
        let (one, other) = (try heard(one), try heard(other))
        return abs(one.count - other.count) <= blocks * 960 && zip(one, other).allSatisfy { $0 == $1 }
    }

    @Test func twoBlocksInAPacketSoundAsTwoPackets() throws {
        // Two whose packets go out in even and in odd ticks, one who is sent one each tick, and one who speaks.
        let sent = try joined(isJoined: [true, true, false, false], ticks: 101) { site, tick in
            site == 3 ? Sound.tone(440, tick: tick) : nil
        }
        for joined in sent[..<2] {
            let counts = joined.map(\.count)
            #expect(zip(counts.dropFirst(), counts).allSatisfy { $0 + $1 == 1 })
            // The first tick had none before it.
            #expect(joined.joined().dropFirst().allSatisfy { $0.age == 1 })
            #expect(try isSame(joined, as: sent[2]))
        }
        #expect(sent[0][1].count == 1 && sent[1][0].count == 1)
        #expect(sent[2].allSatisfy { $0.count == 1 && $0[0].age == 0 })
        #expect(ToneProbe(frequency: 440).level(in: try heard(sent[0]).suffix(14_400)) > -21)
    }

    /// A listener who begins to speak goes to an encoder of its own, and back: with its first block still unsent as well as
    /// between two packets.
    @Test(arguments: [40, 41]) func nothingIsLostOnTheWayToAnotherEncoder(begin: Int) throws {
        let sound: (Int, Int) -> [Float]? = { site, tick in
            site == 3
                ? Sound.tone(440, tick: tick)
                : site == 0 && (begin..<90).contains(tick) ? Sound.tone(700, tick: tick) : nil
        }
        let (joined, alone) = (
            try joined(isJoined: [true, true, true, true], ticks: 240, sound: sound)[0],
            try self.joined(isJoined: [false, false, false, false], ticks: 240, sound: sound)[0]
        )
        #expect(joined.joined().count { $0.age == 1 } >= 118)
        #expect(try isSame(joined, as: alone))
    }

    @Test(arguments: [AudioCodec.pcma, .g722]) func packetsOfTelephonyAreOneBehindTheOther(codec: AudioCodec) throws {
        let sent = try joined(isJoined: [true, false, false], ticks: 20, format: AudioFormat(codec: codec)) {
            site, tick in
            site == 2 ? Sound.tone(440, tick: tick) : nil
        }
        #expect(sent[0].joined().flatMap(\.packet) == sent[1].joined().flatMap(\.packet))
        #expect(sent[0].joined().allSatisfy { $0.packet.count == 320 && $0.age == 1 })
    }

    @Test func whatWouldBeLongerThanALineTakesStaysApart() throws {
        let format = AudioFormat(codec: .opus, bitrate: Bitrate(bitsPerSecond: 400_000))
        let sent = try joined(isJoined: [true, false, false], ticks: 40, format: format) { site, tick in
            site == 2 ? Sound.tone(440, tick: tick).map { $0 + .random(in: -0.1...0.1) } : nil
        }
        #expect(sent[0].joined().allSatisfy { $0.packet.count <= 1_200 })
        #expect(sent[0].contains { $0.map(\.age) == [1, 0] })
        #expect(try isSame(sent[0], as: sent[1]))
    }
}
