import Bridge
import Media
import Mixer
import SyntheticMedia
import TestSupport
import Testing

/// Thirteen sites in simulated time: one goes through all that a line and an endpoint can do, and no tick is late, no frame
/// and no sample of the twelve others is missing.
@Suite struct MeetingIsolationTests {
    /// What the work takes on a slow machine: ten times what `make bench` measures.
    private enum Cost {
        static let datagram = Interval.microseconds(20)
        /// A site's sound: decoding, its share of the mix, encoding.
        static let sound = Interval.microseconds(200)
        static let composing = Interval.milliseconds(5)
    }

    private static let troubled = 4
    private let second = 1_000

    /// - Parameter largest: the site in the largest cell, whose camera the tick follows.
    @Test(arguments: [0, troubled]) func troubleOfOneSiteIsItsOwn(largest: Int) throws {
        let video = try RecordedVideo(MovingScene(1), size: Size(width: 320, height: 180), count: 30)
        let line = VirtualNetwork.Line(latency: .milliseconds(20), jitter: .milliseconds(3))
        let sites = try (0..<13).map { try MeetingSite($0, video: video, voice: try Self.tone($0), line: line) }
        for (index, site) in sites.enumerated() {
            site.begin(video, ssrc: UInt32(1000 + index), at: .zero + .milliseconds(7 * index % 33))
        }
        let troubled = sites[Self.troubled]
        var meeting = Meeting(sites, largest: largest)
        // Until the tick stands behind the camera that it follows.
        meeting.run(milliseconds: 15 * second)
        meeting.startMeasuring()

        // A fifth of the packets is lost, the rest comes up to 200 ms late and out of order.
        let bad = VirtualNetwork.Line(jitter: .milliseconds(200), keepsOrder: false, loss: 0.2)
        (troubled.pictureLine.line, troubled.soundLine.line) = (bad, bad)
        meeting.run(milliseconds: 3 * second)
        #expect(troubled.lost > 50 && troubled.damaged > 0 && troubled.concealed > 0)
        (troubled.pictureLine.line, troubled.soundLine.line) = (line, line)

        // Nothing for 5 s, then all of it at once.
        troubled.pictureLine.stall(for: .seconds(5), at: meeting.now)
        troubled.soundLine.stall(for: .seconds(5), at: meeting.now)
        meeting.run(milliseconds: 6 * second)

        // 100,000 hostile datagrams a second at either port.
        meeting.run(milliseconds: 2 * second) { troubled.flood(100, at: $0) }
        #expect(meeting.mostTaken == ReceiveBudget.batchesPerTick * ReceiveBudget.datagramsPerBatch)

        troubled.crash()
        meeting.run(milliseconds: 3 * second)
        troubled.begin(video, ssrc: 2000, at: meeting.now)
        meeting.run(milliseconds: 3 * second)

        #expect(meeting.soundTicks.late == 0 && meeting.soundTicks.skipped == 0)
        #expect(meeting.pictureTicks.late == 0 && meeting.pictureTicks.skipped == 0)
        for site in sites where site !== troubled {
            let run = meeting.runs[site.number]
            // A tick that goes to where the camera that is back wants it may pass another camera's pictures once.
            let steps = run.pictureSteps.filter { $0 != 1 }
            let allowed = largest == Self.troubled ? 1 : 0
            #expect(run.pictureSteps.count > 500 && steps.count <= allowed, "\(site.number): \(steps)")
            #expect(steps.allSatisfy { (0...2).contains($0) }, "\(site.number): \(steps)")
            // Opus makes it rise and fall by a decibel where the tone begins anew.
            #expect(run.levels.count > 840 && run.spread < 2, "\(site.number): \(run.spread) dB")
            #expect(site.lost == 0 && site.damaged == 0 && site.concealed == meeting.concealedBefore[site.number])
        }
        // And it is back: its new pictures go on one by one.
        #expect(meeting.runs[Self.troubled].pictureSteps.suffix(30).count { $0 == 1 } >= 27)
    }

    /// A second of Opus packets that can be looped.
    private static func tone(_ site: Int) throws -> [[UInt8]] {
        let probe = ToneProbe(frequency: Double(300 + 30 * site))
        let storage = AudioBlockStorage(capacity: 1)
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 48_000))
        // Twice round: so the second one follows on itself.
        let packets = (0..<100).map { block in
            _ = storage[0].buffer.update(
                from: probe.tone(amplitude: 0.05, from: block * AudioBlock.count, count: AudioBlock.count))
            return [UInt8](unsafeUninitializedCapacity: OpusEncoder.largestPacket) { bytes, count in
                count = encoder.encode(storage[0], into: UnsafeMutableRawBufferPointer(bytes)) ?? 0
            }
        }
        return Array(packets.suffix(50))
    }

    /// How a site looked and sounded.
    private struct Run {
        var lastPicture: Int?
        /// By how much the picture's number went on from tick to tick.
        var pictureSteps: [Int] = []
        /// Of each 20 ms as it entered the mix, in dBov.
        var levels: [Float] = []
        /// Between the loudest and the softest 20 ms, in dB.
        var spread: Float { (levels.max() ?? 0) - (levels.min() ?? 0) }
    }

    /// The bridge's two beats on one processor. What a tick does takes its time, and the next thing waits for it.
    private struct Meeting: ~Copyable {
        private(set) var now = Instant.zero
        private(set) var soundTicks = TickSchedule(period: .milliseconds(20), start: .zero)
        private(set) var pictureTicks = TickSchedule(period: MeetingSite.frame, start: .zero)
        private(set) var runs: [Run]
        private(set) var concealedBefore: [Int] = []
        /// The most datagrams that a tick of the sound took from one socket.
        private(set) var mostTaken = 0
        private let sites: [MeetingSite]
        private let largest: Int
        private var mixer = AudioMixer(loudest: 13)
        private var processorFree = Instant.zero
        private var isMeasuring = false

        init(_ sites: [MeetingSite], largest: Int) {
            self.sites = sites
            self.largest = largest
            runs = sites.map { _ in Run() }
            let room = mixer.addProgram()
            for site in sites { _ = mixer.addListener(program: room, source: mixer.addSource()) + site.number }
        }

        /// From now on everything counts.
        mutating func startMeasuring() {
            isMeasuring = true
            concealedBefore = sites.map(\.concealed)
        }

        mutating func run(milliseconds: Int, _ meanwhile: (Instant) -> Void = { _ in }) {
            for _ in 0..<milliseconds {
                now += .milliseconds(1)
                meanwhile(now)
                for site in sites {
                    site.send(at: now)
                    site.receive(at: now)
                }
                while soundTicks.next <= now { tickSound() }
                while pictureTicks.next <= now { tickPicture() }
            }
        }

        private mutating func tickSound() {
            let due = soundTicks.next
            let begin = max(due, processorFree)
            soundTicks.advance(at: begin)
            var work = Cost.sound * sites.count
            for site in sites {
                let count = site.play(into: &mixer, source: site.number, at: due)
                mostTaken = max(mostTaken, count)
                work = work + Cost.datagram * count
            }
            mixer.mix()
            processorFree = begin + work
            guard isMeasuring else { return }
            for site in sites { runs[site.number].levels.append(mixer.level(site.number).current) }
        }

        private mutating func tickPicture() {
            let due = pictureTicks.next
            let begin = max(due, processorFree)
            pictureTicks.advance(at: begin)
            processorFree = begin + Cost.composing
            for site in sites {
                guard let picture = site.picture(at: due) else { continue }
                let last = runs[site.number].lastPicture
                runs[site.number].lastPicture = picture
                if isMeasuring, let last { runs[site.number].pictureSteps.append(picture - last) }
            }
            if let offset = sites[largest].tickOffset { pictureTicks.move(by: offset) }
        }
    }
}
