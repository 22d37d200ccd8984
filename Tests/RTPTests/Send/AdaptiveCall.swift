import Media
import RTP

/// A site's outgoing picture over a bottleneck, with the RTCP that the site answers with: an encoder that follows its
/// target, keyframes every 4 s, the paced sender, the ladder.
struct AdaptiveCall: ~Copyable {
    static let nominal = Bitrate(bitsPerSecond: 1_500_000)

    var line: Bottleneck
    /// Without it the encoder follows the controller's rate itself.
    var usesLadder = true
    var sendsTransportFeedback = false
    var sendsRemb = false
    var sendsNacks = true
    private(set) var now = Instant.zero
    private(set) var sender: PacedStreamSender
    private(set) var ladder = BitrateLadder(nominal: nominal)
    /// The rung at the end of each second, and the rate sent in it.
    private(set) var rungs: [Int] = []
    private(set) var sentRates: [Double] = []
    private(set) var estimates: [Int] = []
    /// In the last run.
    private(set) var longestQueue = Interval.zero

    private var random: SeededGenerator
    private var batch = PacketBatch()
    private var pictures = 0
    private var sentBytes = 0
    private var site = SimulatedSite()

    init(line: Bottleneck, seed: UInt64, transportExtension: Int? = nil) {
        self.line = line
        random = SeededGenerator(seed: seed)
        let configuration = PacedStreamSender.Configuration(
            ssrc: 7, payloadType: PayloadType(96)!, bitrate: Self.nominal,
            retransmission: (PayloadType(97)!, 8), transportExtension: transportExtension)
        sender = PacedStreamSender(configuration, using: &random)
        sendsTransportFeedback = transportExtension != nil
    }

    mutating func run(seconds: Int) {
        longestQueue = .zero
        for _ in 0..<seconds * 1000 { step() }
    }

    /// One millisecond.
    private mutating func step() {
        if now.nanoseconds / 1_000_000 * 30 / 1000 >= Int64(pictures) { encode() }
        while let departure = sender.next(at: now) { send(departure) }
        site.receive(until: now)
        if sendsNacks {
            while let missing = site.takeMissing() { sender.repair(missing, at: now) }
        }
        let milliseconds = now.nanoseconds / 1_000_000
        if sendsTransportFeedback, milliseconds % 100 == 50, let feedback = site.transportFeedback() {
            feedback.withUnsafeBytes { _ = sender.controller.transportFeedback($0, at: now) }
        }
        if milliseconds % 1000 == 999 { endSecond() }
        now += .milliseconds(1)
        longestQueue = max(longestQueue, line.delay(at: now))
    }

    private mutating func encode() {
        let target = usesLadder ? ladder.rung.bitrate(of: Self.nominal) : min(sender.controller.rate, Self.nominal)
        sender.target = target
        let isKeyframe = pictures % 120 == 0
        let mean = Double(target.bitsPerSecond) / 8 / 30 * 120 / 124
        let size = mean * (isKeyframe ? 5 : Double.random(in: 0.7..<1.3, using: &random))
        batch.reset()
        var left = Int(size)
        while left > 0 {
            _ = batch.append(size: min(left, 1200))
            left -= 1200
        }
        batch.markLast()
        _ = sender.append(batch, mediaTime: Int64(pictures) * 3000, sampledAt: now, isKeyframe: isKeyframe, at: now)
        pictures += 1
    }

    private mutating func send(_ departure: PacedStreamSender.Departure) {
        sentBytes += departure.packet.count
        guard let header = RTPHeader(parsing: departure.packet) else { return }
        let number = header.headerExtension.isEmpty ? 0 : departure.packet.bigEndian16(at: 17)
        site.expect(number)
        guard let arrival = line.send(departure.packet.count, at: now) else { return }
        site.add(
            .init(
                arrival: arrival, sequence: departure.isRepair ? nil : header.sequence, number: number,
                size: departure.packet.count))
    }

    private mutating func endSecond() {
        let loss = site.takeFractionLost()
        let received = site.takeReceivedRate()
        sender.report(fractionLost: loss, roundTrip: line.roundTrip(at: now), at: now)
        if sendsRemb {
            let limit = loss > 0.02 ? received * 0.9 : Double(Self.nominal.bitsPerSecond) * 1.5
            sender.controller.limit = Bitrate(bitsPerSecond: Int(limit))
        }
        let estimate = sender.controller.estimate
        _ = ladder.update(estimate, limit: sender.controller.limit, at: now)
        rungs.append(ladder.rung.index)
        estimates.append(estimate.bitsPerSecond)
        sentRates.append(Double(sentBytes) * 8)
        sentBytes = 0
    }
}
