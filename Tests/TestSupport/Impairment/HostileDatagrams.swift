import Media

/// What an attacker or a broken endpoint sends: each kind in turn, made from a seed and from what passes by.
package struct HostileDatagrams {
    /// What kinds there are.
    package enum Kind: Int, CaseIterable, Sendable {
        /// Random bytes of any length, none included.
        case noise
        /// RTP cut off within its header.
        case truncated
        /// RTP whose CSRC count, extension length or padding says more than there is.
        case lyingLength
        /// RTCP whose packet lengths and counts lie, or whose bytes are random.
        case brokenRTCP
        /// RTP that looks right, of an SSRC never seen before.
        case strangeSSRC
        /// A datagram that passed by, with some bits changed.
        case mutated
        /// A datagram that passed by, again.
        case replayed
    }

    private var random: SeededGenerator
    private var turn = 0
    /// The last datagrams that passed by, a ring.
    private var seen: [[UInt8]] = []
    private var next = 0

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Remembers a datagram to mutate and to replay.
    package mutating func learn(_ datagram: [UInt8]) {
        if seen.count < Self.memory {
            seen.append(datagram)
        } else {
            seen[next] = datagram
            next = (next + 1) % Self.memory
        }
    }

    /// The next one; the kinds take turns. Before anything passed by, noise stands in for mutated and replayed.
    package mutating func make() -> (kind: Kind, datagram: [UInt8]) {
        let kind = Kind.allCases[turn % Kind.allCases.count]
        turn &+= 1
        return (kind, make(kind))
    }

    /// One of a kind.
    package mutating func make(_ kind: Kind) -> [UInt8] {
        switch kind {
        case .noise: return bytes(below(1501))
        case .truncated: return Array(rtp(payloadLength: 0).prefix(1 + below(11)))
        case .lyingLength: return lyingRTP()
        case .brokenRTCP: return brokenRTCP()
        case .strangeSSRC: return rtp(payloadLength: 1 + below(1200))
        case .mutated:
            guard var copy = seen.randomElement(using: &random), !copy.isEmpty else { return make(.noise) }
            for _ in 0...below(8) { copy[below(copy.count)] ^= 1 << UInt8(below(8)) }
            return copy
        case .replayed: return seen.randomElement(using: &random) ?? make(.noise)
        }
    }

    /// Datagrams of every length from 0 to 64: noise, what begins as RTP, and what begins as RTCP.
    package mutating func everyLength() -> [[UInt8]] {
        (0...64).flatMap { length in
            let noise = bytes(length)
            guard length > 1 else { return [noise] }
            return [
                noise, [0x80 | noise[0] & 0x3F, 96 | noise[1] & 0x80] + noise.dropFirst(2),
                [0x80 | noise[0] & 0x3F, 200 + noise[1] % 8] + noise.dropFirst(2),
            ]
        }
    }

    private mutating func rtp(payloadLength: Int) -> [UInt8] {
        var datagram = bytes(12 + payloadLength)
        datagram[0] = 0x80
        // The payload types of the project's own streams, and others.
        datagram[1] = datagram[1] & 0x80 | [96, 97, 111, 0, 8, UInt8(below(128))][below(6)]
        return datagram
    }

    private mutating func lyingRTP() -> [UInt8] {
        var datagram = rtp(payloadLength: 4 + below(40))
        switch below(3) {
        case 0: datagram[0] |= 15  // 60 bytes of CSRCs
        case 1:
            datagram[0] |= 0x10
            datagram[14] = 0xFF  // an extension of 65,000 words and more
        default:
            datagram[0] |= 0x20
            datagram[datagram.count - 1] = UInt8(max(datagram.count, below(256)))
        }
        return datagram
    }

    private mutating func brokenRTCP() -> [UInt8] {
        var compound: [UInt8] = []
        for _ in 0...below(6) {
            var packet = bytes(4 * (1 + below(12)))
            packet[0] = 0x80 | packet[0] & 0x3F
            packet[1] = UInt8(200 + below(8))
            let words = below(4) == 0 ? below(65_536) : packet.count / 4 - 1
            packet[2] = UInt8(words >> 8)
            packet[3] = UInt8(words & 0xFF)
            compound += packet
        }
        return below(3) == 0 ? Array(compound.dropLast(1 + below(3))) : compound
    }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    /// How many passing datagrams are kept.
    private static let memory = 32
}
