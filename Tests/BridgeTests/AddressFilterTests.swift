import Bridge
import Conference
import Media
import RTP
import Testing

/// Who may send to a port, and who is answered: RTP bleed (CVE-2025-53399) and reflection.
@Suite struct AddressFilterTests {
    private let site: SocketAddress
    private let stranger: SocketAddress

    init() throws {
        site = try SocketAddress(host: "10.20.3.10", port: 5004)
        stranger = try SocketAddress(host: "203.0.113.7", port: 4000)
    }

    private static func packet(type: UInt8, sequence: Int, ssrc: UInt32, size: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x55, count: size)
        let header = RTPHeader(
            payloadType: type, marker: false, sequence: UInt16(truncatingIfNeeded: sequence),
            timestamp: UInt32(160 * sequence), ssrc: ssrc)
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        return bytes
    }

    /// A port that takes Opus as payload type 111 from anywhere.
    private struct Port: ~Copyable {
        var filter: AddressFilter
        var session: RTPSession

        init() throws {
            filter = try AddressFilter(rule: .any, hosts: [])
            var accepts = PayloadTypeTable()
            accepts[PayloadType(111)!] = 0
            session = RTPSession(
                .init(
                    ssrc: 1, cname: "f3a9", clockRate: 48_000, isVideo: false, accepts: accepts, provesFirstStream: true
                ),
                generator: SeededGenerator(seed: 1), at: .zero)
        }

        /// Whether a datagram reaches the decoder.
        mutating func receive(_ bytes: [UInt8], from source: SocketAddress, at now: Instant) -> Bool {
            guard filter.accepts(source, at: now) else { return false }
            let reception = bytes.withUnsafeBytes { session.receive($0, at: now) }
            guard case .media = reception else { return false }
            filter.prove(source, count: bytes.count, at: now)
            return true
        }
    }

    @Test func `who sprays a port before, while and after the site joins gets nothing in and nothing out`() throws {
        for join in 0..<10 {
            var port = try Port()
            var answered = false
            var mixed = 0
            var heard = 0
            for step in 0..<200 {
                let now = Instant.zero + .milliseconds(10 * step)
                // As the attack tools send it: 160 bytes of PCMU, in order.
                let sprayed = Self.packet(type: 0, sequence: step, ssrc: 0xBAD, size: 172)
                if port.receive(sprayed, from: stranger, at: now) { mixed += 1 }
                if port.filter.answers(stranger, count: 8, at: now) { answered = true }
                guard step >= 10 * join, step % 2 == 0 else { continue }
                let own = Self.packet(type: 111, sequence: step / 2, ssrc: 0x600D, size: 100)
                if port.receive(own, from: site, at: now) { heard += 1 }
            }
            let isAnswered = port.filter.answers(site, count: 100, at: .zero + .seconds(2))
            #expect(mixed == 0 && !answered && isAnswered)
            #expect(heard == 100 - 5 * join - 1, "all but the packet that waited to be proven")
        }
    }

    /// BYE, REMB and the like are obeyed at once, and show nothing of who sent them.
    @Test func `RTCP in the clear is taken of who was learned or named, and of nobody else`() throws {
        func takes(_ filter: inout AddressFilter, _ source: SocketAddress, isControl: Bool = true, after: Int) -> Bool {
            filter.accepts(source, isControl: isControl, at: .zero + .seconds(after))
        }
        var filter = try AddressFilter(rule: .any, hosts: [])
        let unknown = (takes(&filter, stranger, after: 0), takes(&filter, stranger, isControl: false, after: 0))
        #expect(unknown == (false, true), "its RTP may show that it is the site")
        #expect(filter.refused == 1)
        filter.prove(site, count: 100, at: .zero)
        // The site pauses.
        let paused = (takes(&filter, stranger, after: 2), takes(&filter, stranger, isControl: false, after: 2))
        #expect(paused == (false, true))
        let isHeard = takes(&filter, site, after: 2)
        #expect(isHeard)
        // One that only listens sends no RTP that could show anything.
        var named = try AddressFilter(rule: .any, hosts: [site])
        let listens = (takes(&named, site, after: 0), takes(&named, stranger, after: 0))
        #expect(listens == (true, false))
    }

    @Test func `the learned host keeps the port as long as it sends`() throws {
        var filter = try AddressFilter(rule: .any, hosts: [])
        filter.prove(site, count: 100, at: .zero)
        var accepted: [Bool] = []
        for step in 0..<100 {
            let now = Instant.zero + .milliseconds(20 * step)
            filter.prove(site, count: 100, at: now)
            accepted.append(filter.accepts(stranger, at: now + .milliseconds(10)))
        }
        #expect(!accepted.contains(true))
        let refused = filter.refused
        #expect(refused == 100)
        // The site went silent: another may show that it is the site, and looking at it shows nothing.
        let isLookedAt = filter.accepts(stranger, at: .zero + .seconds(3))
        #expect(isLookedAt && filter.knows(site) && !filter.knows(stranger))
        filter.prove(stranger, count: 100, at: .zero + .seconds(3))
        let isRefused = !filter.accepts(site, at: .zero + .seconds(3))
        #expect(isRefused && filter.knows(stranger))
    }

    @Test func `who learned an address by forged packets sends it no more bytes than they had`() throws {
        var filter = try AddressFilter(rule: .any, hosts: [])
        var sent = 0
        for step in 0..<3000 {
            let now = Instant.zero + .milliseconds(10 * step)
            if step < 20 { filter.prove(site, count: 13, at: now) }
            if filter.answers(site, count: 96, at: now) { sent += 96 }
        }
        #expect(sent > 0 && sent <= 20 * 13)
    }

    @Test func `one that fell silent is answered for two of its reports and no longer`() throws {
        var filter = try AddressFilter(rule: .any, hosts: [])
        filter.prove(site, count: 10_000, at: .zero)
        let isAnswered = filter.answers(site, count: 100, at: .zero + .seconds(15))
        let isForgotten = !filter.answers(site, count: 100, at: .zero + .seconds(16))
        #expect(isAnswered && isForgotten)
    }

    @Test func `named hosts are the only ones, whatever others prove`() throws {
        var filter = try AddressFilter(rule: .host("10.20.3.10"), hosts: [])
        filter.prove(stranger, count: 100, at: .zero)
        let accepted = (filter.accepts(site, at: .zero), filter.accepts(stranger, at: .zero + .seconds(60)))
        #expect(accepted == (true, false) && filter.knows(site) && !filter.knows(stranger))
        let refused = filter.refused
        #expect(refused == 1)
    }
}
