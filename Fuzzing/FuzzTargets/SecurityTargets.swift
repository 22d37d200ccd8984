import Media
import RTP

extension FuzzTarget {
    /// SRTP that comes in: nothing passes but what the key's owner made, once, and state is bounded.
    package static let srtpUnprotect = FuzzTarget(
        "srtp-unprotect", maximumSize: 4096, seeds: { SRTPRun.seeds },
        run: { bytes in
            guard var run = SRTPRun(ByteStream(bytes)) else { return }
            run.run()
        })

    /// The value of `a=crypto`: what is taken is written the same way.
    package static let sdes = FuzzTarget(
        "sdes", maximumSize: 1200,
        seeds: {
            let key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
            return [
                "1 AES_CM_128_HMAC_SHA1_80 inline:\(key)|2^20", "2 AES_CM_128_HMAC_SHA1_32 inline:\(key)|1048576|1:4",
                "3 AEAD_AES_128_GCM inline:\(key.dropLast(3))w== KDR=0 WSH=128",
                "4 AES_CM_128_HMAC_SHA1_80 inline:\(key);",
                "5 AEAD_AES_256_GCM inline:\(key)\(key.dropFirst(21)) -x=1 UNENCRYPTED_SRTP",
            ].map { [UInt8]($0.utf8) }
        },
        run: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let attribute = try? CryptoAttribute(parsing: text[...]) else { return }
            guard let again = try? CryptoAttribute(parsing: attribute.text[...]) else {
                broken("what was written can't be read")
            }
            promise(again == attribute)
        })
}

private struct SRTPRun: ~Copyable {
    private var input: ByteStream
    private var receiver: SRTPContext
    private var sender: SRTPContext
    private var sequence: UInt16 = 0
    /// What the owner of the key made and nobody has delivered yet.
    private var made: Set<[UInt8]> = []

    private static let steps = 60

    init?(_ input: ByteStream) {
        var input = input
        let suites = CryptoSuite.allCases
        let suite = suites[Int(input.byte()) % suites.count]
        let key = MasterKey(suite, (0..<suite.keySize + suite.saltSize).map { UInt8($0) })!
        guard let receiver = try? SRTPContext(key: key, direction: .inbound),
            let sender = try? SRTPContext(key: key, direction: .outbound)
        else { return nil }
        self.input = input
        self.receiver = receiver
        self.sender = sender
    }

    mutating func run() {
        var step = 0
        while !input.isAtEnd, step < Self.steps {
            step += 1
            switch input.byte() % 8 {
            case 0, 1: deliver(packet())
            case 2: deliver(report())
            case 3: _ = packet()
            case 4: deliver([UInt8](input.counted()))
            case 5: deliver(changed(packet()))
            case 6: deliver(changed(report()))
            default:
                // A cut packet.
                let whole = packet()
                deliver([UInt8](whole.prefix(Int(input.byte()) % (whole.count + 1))))
            }
        }
        promise(receiver.sourceCount <= SRTPContext.maximumSources)
    }

    private mutating func packet() -> [UInt8] {
        sequence &+= UInt16(input.byte()) << 4 | 1
        var bytes = [UInt8](repeating: 0xAA, count: RTPHeader.fixedSize + Int(input.byte() & 0x3F))
        let header = RTPHeader(
            payloadType: 96, marker: false, sequence: sequence, timestamp: 0, ssrc: UInt32(input.byte() & 0x1F))
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        return protected(bytes)
    }

    private mutating func report() -> [UInt8] {
        protected([0x80, 201, 0, 1, 0, 0, 0, input.byte() & 0x1F] + [UInt8](input.bytes(16)))
    }

    private mutating func protected(_ plain: [UInt8]) -> [UInt8] {
        var buffer = plain + [UInt8](repeating: 0, count: SRTPContext.trailerRoom)
        let outcome = buffer.withUnsafeMutableBytes { sender.protect($0, count: plain.count) }
        guard case .ok(let count) = outcome else { return [] }
        promise(count > plain.count && count <= plain.count + SRTPContext.largestTrailer)
        let bytes = [UInt8](buffer[..<count])
        made.insert(bytes)
        return bytes
    }

    private mutating func changed(_ packet: [UInt8]) -> [UInt8] {
        guard !packet.isEmpty else { return packet }
        var packet = packet
        packet[Int(input.word()) % packet.count] ^= input.byte()
        return packet
    }

    private mutating func deliver(_ packet: [UInt8]) {
        var buffer = packet
        let outcome = buffer.withUnsafeMutableBytes { receiver.unprotect($0) }
        guard case .ok(let count) = outcome else { return }
        promise(count < packet.count)
        promise(made.remove(packet) != nil, "a packet passed that nobody made, or passed twice")
    }

    static var seeds: [[UInt8]] {
        (0..<UInt8(CryptoSuite.allCases.count)).map { suite in
            var writer = ByteStreamWriter()
            writer.byte(suite)
            for number in 0..<8 as Range<UInt8> {
                writer.append([0, number, 20, 1, 2, 3])
                writer.append([UInt8](repeating: number, count: 16))
                writer.append([5, 1, 20, 2, 0, 20, 0x10, 7, 0, 10, 1, 30, 3, 200, 9, 1])
            }
            writer.byte(4)
            writer.counted(PacketSeeds.control[0])
            return writer.bytes
        }
    }
}
