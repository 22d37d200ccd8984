import Media
import RTP

/// Packets for SRTP tests, and contexts that take and give plain arrays.
enum SecurePackets {
    static let media = hex("800f1234 decafbad cafebabe abababab abababab abababab abababab")
    static let control = hex("81c8000b cafebabe abababab abababab abababab abababab")

    static func key(_ suite: CryptoSuite, seed: UInt8 = 7) -> MasterKey {
        MasterKey(suite, (0..<suite.keySize + suite.saltSize).map { UInt8($0) &* 13 &+ seed })!
    }

    static func packet(ssrc: UInt32 = 0x1111_1111, sequence: Int) -> [UInt8] {
        Endpoint.packet(ssrc: ssrc, sequence: sequence)
    }
}

/// A context of one direction.
final class SecureEnd {
    private var context: SRTPContext

    init(_ key: MasterKey, _ direction: SRTPContext.Direction) throws {
        context = try SRTPContext(key: key, direction: direction)
    }

    func protect(_ packet: [UInt8]) -> [UInt8]? {
        var buffer = packet + [UInt8](repeating: 0, count: SRTPContext.trailerRoom)
        let outcome = buffer.withUnsafeMutableBytes { context.protect($0, count: packet.count) }
        guard case .ok(let count) = outcome else { return nil }
        return [UInt8](buffer[..<count])
    }

    func unprotect(_ packet: [UInt8]) -> (outcome: SRTPOutcome, bytes: [UInt8]) {
        var buffer = packet
        let outcome = buffer.withUnsafeMutableBytes { context.unprotect($0) }
        guard case .ok(let count) = outcome else { return (outcome, []) }
        return (outcome, [UInt8](buffer[..<count]))
    }

    var statistics: SRTPStatistics { context.statistics }
    var sourceCount: Int { context.sourceCount }
}
