import Bridge
import CAllocationCounter
import Conference
import Media
import Mixer
import RTP
import SyntheticMedia
import Testing

/// The first law of the hot path: once warm, nothing is allocated per packet, per tick or per picture. What libavcodec
/// takes for itself isn't ours: its share is measured beside it, by libavcodec alone on the same work, and taken off.
@Suite struct AllocationTests {
    private static let size = Size(width: 1280, height: 720)

    /// Allocations of this thread while `body` runs.
    private func allocations(_ body: () throws -> Void) rethrows -> UInt64 {
        let before = callocationcounter_thread_count()
        try body()
        return callocationcounter_thread_count() - before
    }

    @Test func theCounterCounts() {
        var kept: [[UInt8]] = []
        kept.reserveCapacity(100)
        let count = allocations { for size in 1...100 { kept.append([UInt8](repeating: 0, count: size)) } }
        #expect(count == 100)
        #expect(kept.count == 100)
    }

    // MARK: In

    @Test func receivingPictures() throws {
        let video = try RecordedVideo(MovingScene(1), size: Self.size, count: 30)
        var line = PictureLine(video)
        line.receive(1_000)
        let count = allocations { line.receive(5_000) }
        #expect(count == 0)
        let (accessUnits, dropped) = (line.accessUnits, line.dropped)
        #expect(accessUnits > 500 && dropped == 0)
    }

    @Test func receivingReorderedPictures() throws {
        let video = try RecordedVideo(MovingScene(2), size: Self.size, count: 30)
        var line = PictureLine(video, swapsPackets: true)
        line.receive(1_000)
        let count = allocations { line.receive(5_000) }
        #expect(count == 0)
        let (accessUnits, dropped) = (line.accessUnits, line.dropped)
        #expect(accessUnits > 500 && dropped == 0)
    }

    /// Whoever may write SSRCs may write as many as he likes: they cost time, and no memory.
    @Test func aFloodOfSources() {
        var accepts = PayloadTypeTable()
        accepts[PayloadType(96)!] = 0
        var session = RTPSession(
            .init(ssrc: 1, cname: "f3a9", clockRate: 90_000, isVideo: true, accepts: accepts),
            generator: SeededGenerator(seed: 1), at: .zero)
        var packet = [UInt8](repeating: 0, count: RTPHeader.fixedSize + 40)
        var taken = 0
        func receive(ssrc: UInt32, sequence: Int, at now: Instant) {
            packet.withUnsafeMutableBytes { bytes in
                RTPHeader(
                    payloadType: 96, marker: false, sequence: UInt16(truncatingIfNeeded: sequence),
                    timestamp: UInt32(truncatingIfNeeded: 900 * sequence), ssrc: ssrc
                ).write(into: bytes)
                if case .media = session.receive(UnsafeRawBufferPointer(bytes), at: now) { taken += 1 }
                while session.next(at: now, sender: nil) != nil {}
            }
        }
        // 10,000 a second for ten seconds; the site's own, 100 a second, are all taken.
        func flood(_ range: Range<Int>) {
            for step in range {
                let now = Instant.zero + Interval(nanoseconds: 100_000) * step
                if step % 100 == 0 { receive(ssrc: 7, sequence: step / 100, at: now) }
                receive(ssrc: UInt32(truncatingIfNeeded: step &* 0x9E37_79B1), sequence: step, at: now)
            }
        }
        flood(0..<1000)
        let count = allocations { flood(1000..<101_000) }
        #expect(count == 0)
        #expect(taken == 1010)
    }

    /// A mixer's packets with who is in them and how loud, its messages, and the names of its sources.
    @Test func receivingFromAMixer() {
        var accepts = PayloadTypeTable()
        accepts[PayloadType(96)!] = 0
        func session(ssrc: UInt32) -> RTPSession {
            RTPSession(
                .init(
                    ssrc: ssrc, cname: "f3a9", name: "bridge", clockRate: 90_000, isVideo: true, accepts: accepts,
                    levelExtension: 7, messageName: ApplicationPacket.Name("MCUL")),
                generator: SeededGenerator(seed: 1), at: .zero)
        }
        var mixer = session(ssrc: 1)
        var bridge = session(ssrc: 2)
        var random = SeededGenerator(seed: 5)
        var stream = StreamSender(ssrc: 1, payloadType: PayloadType(96)!, using: &random)
        stream.levelExtension = 7
        mixer.describe((0..<20).map { SourceName(ssrc: $0, cname: "c", name: "Xã \($0)") })
        let announcements = [[UInt8](repeating: 1, count: 4000), [UInt8](repeating: 2, count: 3000)]
        let packet = UnsafeMutableRawBufferPointer.allocate(byteCount: 200, alignment: 16)
        defer { packet.deallocate() }
        var (taken, changes, messages, repetitions) = (0, 0, 0, 0)
        func act(at now: Instant) {
            while let action = bridge.next(at: now) {
                switch action {
                case .contributorsChanged: changes += 1
                case .message: messages += 1
                case .messageRepeated: repetitions += 1
                default: break
                }
            }
        }
        func run(_ steps: Range<Int>) {
            for step in steps {
                let now = Instant.zero + .milliseconds(10) * step
                stream.contributors = Contributors()
                for source in 0..<UInt32(5 + step / 100 % 8) { stream.contributors.append(source, level: step & 0x7F) }
                let header = stream.header(
                    marker: true, mediaTime: Int64(900 * step), sampledAt: now, payloadSize: 40)
                header.write(into: packet)
                let datagram = UnsafeRawBufferPointer(rebasing: packet[..<header.payload.upperBound])
                if case .media = bridge.receive(datagram, at: now) { taken += 1 }
                if step % 200 == 0 { mixer.announce(announcements[step / 200 % 2]) }
                while case .send(let bytes) = mixer.next(at: now) {
                    _ = bridge.receive(bytes, at: now)
                    act(at: now)
                }
                act(at: now)
            }
        }
        run(0..<1_000)
        (taken, changes, messages, repetitions) = (0, 0, 0, 0)
        let count = allocations { run(1_000..<6_000) }
        #expect(count == 0)
        #expect(taken == 5_000 && changes == 50 && messages == 25 && repetitions > 50)
        let (name, level) = (bridge.name(of: 19), bridge.contributors.level(0))
        #expect(name == "Xã 19" && level == 5_999 & 0x7F)
    }

    @Test func bufferingSound() {
        var buffer = AudioJitterBuffer()
        let payload = [UInt8](repeating: 0x78, count: 80)
        var sequence: Int64 = 65_000
        var played = 0
        func run(_ ticks: Int) {
            payload.withUnsafeBytes { bytes in
                for _ in 0..<ticks {
                    let now = Instant.zero + .milliseconds(20) * Int(sequence)
                    // One packet in a hundred is late enough to be waited for, one in fifty is lost.
                    if sequence % 50 != 0 {
                        let delay = Interval.milliseconds(sequence % 100 == 7 ? 35 : Int(sequence % 5))
                        _ = buffer.insert(
                            sequence: sequence, timestamp: sequence * 960, duration: 960, payload: bytes,
                            arrival: now + delay)
                    }
                    sequence += 1
                    var samples = 0
                    while samples < 960 {
                        switch buffer.next(at: now + .milliseconds(10), decoded: samples) {
                        case .packet(_, let duration):
                            played += 1
                            samples += duration
                        case .recover(_, let duration), .conceal(let duration), .silence(let duration):
                            samples += duration
                        case .skip: break
                        case .waiting: samples = 960
                        }
                    }
                }
            }
        }
        run(500)
        played = 0
        let count = allocations { run(5_000) }
        #expect(count == 0)
        #expect(played > 4_500)
    }

    @Test func playingSound() throws {
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 32_000))
        let voice = Voice(3)
        let packets = (0..<50).map { tick in
            [UInt8](unsafeUninitializedCapacity: OpusEncoder.largestPacket) { bytes, count in
                count = encoder.encode(voice.block(tick), into: UnsafeMutableRawBufferPointer(bytes)) ?? 0
            }
        }
        var source = try AudioSource(codec: .opus)
        let storage = AudioBlockStorage(capacity: 1)
        func run(_ ticks: Range<Int>) {
            for tick in ticks {
                while source.isShort {
                    if tick % 40 == 39 {
                        source.conceal(AudioBlock.count)
                    } else {
                        packets[tick % 50].withUnsafeBytes { source.play($0) }
                    }
                }
                source.read(into: storage[0].buffer)
            }
        }
        run(0..<100)
        let count = allocations { run(100..<600) }
        #expect(count == 0)
        let isSilent = source.isSilent
        #expect(!isSilent)
    }

    /// The pictures are held as the bridge holds them: the newest by the site, the one before by the composer's scene.
    @Test func decoding() throws {
        let video = try RecordedVideo(MovingScene(6), size: Self.size, count: 30)
        guard var decoder = VideoDecoder(.h264), let bare = BareDecoder() else {
            Issue.record("libavcodec has no decoder for H.264")
            return
        }
        var latest: Picture?
        var shown: Picture?
        var pictures = 0
        func run(_ units: Range<Int>) {
            for index in units {
                video.withUnit(index % video.count, timestamp: Int64(index) * 3_000) { unit in
                    guard case .picture(let picture) = decoder.decode(unit) else { return }
                    shown = latest
                    latest = picture
                    pictures += 1
                }
            }
        }
        func runBare(_ units: Range<Int>) {
            for index in units { video.withUnit(index % video.count, timestamp: 0) { bare.decode($0) } }
        }
        run(0..<60)
        runBare(0..<60)
        pictures = 0
        let count = allocations { run(60..<360) }
        let theirs = allocations { runBare(60..<360) }
        #expect(count == theirs)
        #expect(pictures == 300 && latest?.timestamp == 359 * 3_000 && shown?.timestamp == 358 * 3_000)
    }

    // MARK: Mix

    @Test(arguments: [false, true]) func mixingAndEncodingSound(isJoined: Bool) throws {
        var mixer = AudioMixer(loudest: 4)
        var encoding = SharedEncoding()
        let room = mixer.addProgram()
        let sources = (0..<13).map { _ in mixer.addSource() }
        for source in sources {
            let listener = mixer.addListener(program: room, source: source)
            try encoding.addListener(listener, format: AudioFormat(codec: .opus), isJoined: isJoined)
        }
        let storage = AudioBlockStorage(capacity: 13 * 50)
        for site in 0..<13 {
            let voice = Voice(site)
            for tick in 0..<50 { _ = storage[site * 50 + tick].buffer.update(from: voice.block(tick).buffer) }
        }
        var bytes = 0
        func run(_ ticks: Range<Int>) {
            for tick in ticks {
                for site in 0..<13 {
                    let block = storage[site * 50 + tick % 50]
                    let input = mixer.input(sources[site])
                    for place in 0..<AudioBlock.count { input[place] = block.samples[place] }
                }
                mixer.mix()
                encoding.encode(mixer)
                for listener in sources.indices {
                    encoding.forEachPacket(for: listener) { packet, _ in bytes += packet.count }
                }
            }
        }
        run(0..<200)
        let count = allocations { run(200..<700) }
        #expect(count == 0)
        let encodes = encoding.encodeCount
        #expect(encodes > 4 && bytes > 700 * 13 * 20)
    }

    // MARK: Compose

    /// All 13 cells change at every tick, the speaker's border moves, and the canvas is let go of at once or held as an
    /// encoder holds it.
    @Test(arguments: [false, true]) func composing(isHeld: Bool) throws {
        let layout = try #require(Layout.named("1+12"))
        let tiles = TileCache()
        let composer = Composer(tiles: tiles, labels: LabelCache())
        let supply = PictureSupply(cells: layout.cells.count, size: Self.size)
        var scene = Scene(
            size: Self.size,
            cells: layout.rectangles(on: Self.size).enumerated().map {
                CellContent(rectangle: $1, label: "Huyện ủy số \($0)")
            })
        var held: [Canvas?] = [nil, nil]
        var painted = 0
        func run(_ ticks: Range<Int>) {
            for tick in ticks {
                tiles.beginTick()
                for cell in scene.cells.indices {
                    scene.cells[cell].picture = supply.picture(cell: cell, tick: tick)
                    scene.cells[cell].isSpeaking = tick / 16 % 13 == cell
                }
                guard let composed = composer.compose(scene) else { continue }
                painted += composed.paintedCells
                if isHeld { held[tick & 1] = composed.canvas }
            }
        }
        run(0..<60)
        painted = 0
        let scaled = tiles.scales
        let count = allocations { run(60..<260) }
        #expect(count == 0)
        #expect(painted == 200 * 13 && tiles.scales - scaled == painted)
    }

    // MARK: Out

    @Test func packetizing() throws {
        let video = try RecordedVideo(MovingScene(4), size: Self.size, count: 30)
        var packetizer = Packetizer(.h264)
        var batch = PacketBatch()
        var random = SeededGenerator(seed: 5)
        var streams = (0..<13).map { StreamSender(ssrc: $0, payloadType: LoopedStream.payloadType, using: &random) }
        var headers = 0
        func run(_ pictures: Range<Int>) {
            for picture in pictures {
                let timestamp = Int64(picture) * 3_000
                video.withUnit(picture % video.count, timestamp: timestamp) { packetizer.packetize($0, into: &batch) }
                for stream in streams.indices {
                    for packet in 0..<batch.count {
                        let header = streams[stream].header(
                            marker: batch[packet].marker, mediaTime: timestamp, sampledAt: .zero,
                            payloadSize: batch.payload(packet).count)
                        headers += Int(header.sequence & 1)
                    }
                }
            }
        }
        run(0..<60)
        let count = allocations { run(60..<1_060) }
        #expect(count == 0)
        #expect(headers > 13 * 1_000)
    }

    @Test func encoding() throws {
        let settings = VideoEncoderSettings(
            size: Self.size, frameRate: 30, bitrate: Bitrate(bitsPerSecond: 1_500_000), gop: 3_600)
        var encoder = try VideoEncoder(settings)
        let canvas = Canvas(size: Self.size)
        canvas.withRaster { MovingScene(7).paint($0, step: 0) }
        let bare = try #require(BareEncoder(size: Self.size) { MovingScene(7).paint($0, step: 0) })
        var bytes = 0
        func run(_ pictures: Range<Int>) {
            for picture in pictures {
                bytes += encoder.encode(canvas, timestamp: Int64(picture) * 3_000)?.bytes.count ?? 0
            }
        }
        func runBare(_ pictures: Range<Int>) {
            for picture in pictures { bare.encode(timestamp: Int64(picture) * 3_000) }
        }
        run(0..<60)
        runBare(0..<60)
        let count = allocations { run(60..<160) }
        let theirs = allocations { runBare(60..<160) }
        #expect(count == theirs)
        #expect(bytes > 0)
    }

    // MARK: Decide

    @Test func followingTheFloorAndTheViews() {
        var conference = Conference(.province(sites: 13), id: BridgeID(rawValue: 1))
        var levels = [Float](repeating: -80, count: 13)
        var health = Health()
        var shown = 0
        func run(_ ticks: Range<Int>) {
            for tick in ticks {
                let now = Instant.zero + .milliseconds(20) * tick
                // One speaks, with pauses between words, over the noise of twelve rooms.
                for site in levels.indices { levels[site] = -70 - Float((tick * 7 + site) % 9) }
                levels[3] = tick % 50 < 40 ? -25 : -60
                conference.handle(levels: levels.span, at: now)
                health.packet(at: now)
                health.picture(at: now)
                for site in 0..<13 { conference.handle(health, of: site, at: now) }
                for group in conference.views(of: .room, at: now) { shown += group.view.sources.count }
            }
        }
        run(0..<200)
        let count = allocations { run(200..<1_200) }
        #expect(count == 0)
        #expect(shown == 1_200 * 13)
        #expect(conference.activeSpeaker == conference.sites[3].id)
    }
}

extension AllocationTests {
    /// What a recording is handed, and what it writes.
    @Test func keepingWhatIsToBeWritten() {
        var queue = RecordQueue(capacity: 1 << 16, padding: AccessUnit.padding)
        let packet = [UInt8](repeating: 1, count: 1_000)
        var taken = 0
        let count = allocations {
            for turn in 0..<10_000 {
                let isTaken = packet.withUnsafeBytes { queue.append(.opus(at: .zero + .milliseconds(turn)), $0) }
                if isTaken { taken += 1 }
                if turn % 40 == 39 { while queue.first != nil { queue.removeFirst() } }
            }
        }
        #expect(count == 0 && taken == 10_000)
    }

    /// A province with an uplink and its backup, and districts that are bridges too: each announces itself twice a second,
    /// and is told the same.
    @Test func followingTheCascade() {
        var plan = ConferencePlan.province(sites: 13)
        plan.sites[0].kind = .uplink
        plan.sites[1].kind = .uplink
        plan.sites[1].backupOf = plan.sites[0].id
        for site in 8..<13 { plan.sites[site].kind = .downlink }
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        for site in 0..<13 where plan.sites[site].kind != .site {
            let announcement = LinkAnnouncement(
                path: [BridgeID(rawValue: UInt64(site) + 2)], shown: "Xã",
                roster: [.init(id: plan.sites[2].id, name: "Xã Đại Bái")])
            conference.handle(.announcement(announcement), from: site, at: .zero)
        }
        var levels = [Float](repeating: -80, count: 13)
        var health = Health()
        var (bytes, sent, known) = (0, 0, 0)
        func run(_ ticks: Range<Int>) {
            for tick in ticks {
                let now = Instant.zero + .milliseconds(20) * tick
                levels[3] = tick % 50 < 40 ? -25 : -60
                conference.handle(levels: levels.span, at: now)
                health.packet(at: now)
                health.picture(at: now)
                for site in 0..<13 {
                    conference.handle(health, of: site, at: now)
                    if tick % 25 == 0, conference.heardAgain(from: site, at: now) { known += 1 }
                    bytes += conference.label(of: site).utf8.count + conference.activeFeed(of: site)
                }
                for group in conference.views(of: .room, at: now) { bytes += group.view.captions.count }
                while let outgoing = conference.nextAnnouncement(at: now) {
                    bytes += outgoing.bytes.count
                    sent += 1
                }
                while conference.nextCascadeEvent() != nil {}
            }
        }
        run(0..<200)
        (sent, known) = (0, 0)
        let count = allocations { run(200..<1_200) }
        #expect(count == 0)
        #expect(sent == 40 * 13 && known == 40 * 7 && bytes > 0)
    }
}

/// A camera's line and the receiving half of a site, as the bridge drives them.
private struct PictureLine: ~Copyable {
    private(set) var accessUnits = 0
    private var stream: LoopedStream
    private var session: RTPSession
    private var receiver = VideoReceiver(codec: .h264)
    /// Every tenth packet is held here and overtaken by the next one.
    private let swapsPackets: Bool
    private let waiting = UnsafeMutableRawBufferPointer.allocate(byteCount: 2_048, alignment: 16)
    private var waitingCount = 0
    private var number = 0

    init(_ video: RecordedVideo, swapsPackets: Bool = false) {
        self.swapsPackets = swapsPackets
        stream = LoopedStream(video)
        var accepts = PayloadTypeTable()
        accepts[LoopedStream.payloadType] = 0
        session = RTPSession(
            .init(ssrc: 1, cname: "bridge", clockRate: VideoCodec.clockRate, isVideo: true, accepts: accepts),
            generator: SeededGenerator(seed: 3), at: .zero)
    }

    deinit { waiting.deallocate() }

    /// Access units that were held back as damaged.
    var dropped: Int { receiver.statistics.droppedDamaged }

    mutating func receive(_ packets: Int) {
        for _ in 0..<packets {
            let (datagram, picture) = stream.next()
            number += 1
            let now = Instant.zero + Interval.microseconds(33_333) * picture
            if swapsPackets, number % 10 == 0 {
                waiting.copyMemory(from: datagram)
                waitingCount = datagram.count
                continue
            }
            take(datagram, at: now)
            if waitingCount > 0 {
                let late = UnsafeRawBufferPointer(rebasing: waiting[..<waitingCount])
                waitingCount = 0
                take(late, at: now)
            }
        }
    }

    private mutating func take(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        guard case .media(let header, let sequence, let timestamp) = session.receive(datagram, at: now) else { return }
        act(at: now)
        receiver.receive(
            VideoPacket(
                codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker, arrival: now,
                payload: UnsafeRawBufferPointer(rebasing: datagram[header.payload])), at: now)
        while let event = receiver.next(at: now) {
            switch event {
            case .accessUnit(let unit):
                accessUnits += 1
                if unit.isKeyframe { session.keyframeReceived() }
            case .keyframeNeeded: session.requestKeyframe()
            case .refused: break
            }
        }
    }

    private mutating func act(at now: Instant) {
        while let action = session.next(at: now) {
            if case .streamChanged = action { receiver.streamChanged() }
        }
    }
}

extension ConferencePlan {
    /// Sites that all see one another in the room.
    fileprivate static func province(sites count: Int) -> ConferencePlan {
        let sites = (0..<count).compactMap { index -> SitePlan? in
            guard let id = SiteID("s\(index)") else { return nil }
            let video = VideoPlan(
                port: 5_002 + 4 * index, accepts: [:], size: Size(width: 1280, height: 720), frameRate: 30,
                bitrate: Bitrate(bitsPerSecond: 1_500_000))
            return SitePlan(
                id: id, name: "Site \(index)", audio: AudioPlan(port: 5_000 + 4 * index, accepts: [:]), video: video)
        }
        let room = ProgramPlan(
            id: .room, layout: .automatic, viewers: sites.map(\.id), size: Size(width: 1280, height: 720),
            frameRate: 30)
        return ConferencePlan(sites: sites, programs: [room])
    }
}
