/// What can happen to a stream between two packets.
package enum StreamIncident: Sendable {
    /// Packets are missing between the last one and the next one.
    case packetsLost
    /// The decoder failed: all pictures up to the next keyframe are damaged.
    case chainBroken
    /// The stream has no keyframes: from here on pictures count as undamaged without one.
    case brokenChainAccepted
    /// Another stream of the same codec begins.
    case streamChanged
}

/// What every codec's depacketizer does. It is the contract only: the packet path goes through the enum `Depacketizer`.
package protocol PayloadDepacketizer: ~Copyable {
    var statistics: DepacketizerStatistics { get }
    /// How many bytes its buffers take.
    var allocatedBytes: Int { get }

    /// Takes the next packet in order.
    mutating func push(_ packet: VideoPacket)
    /// The next access unit that is complete, or was refused. Its bytes hold until the next call.
    mutating func next() -> Depacketized?

    mutating func packetsLost()
    mutating func breakChain()
    mutating func acceptBrokenChain()
    mutating func reset()
}

extension PayloadDepacketizer where Self: ~Copyable {
    /// Takes note of something that happened between two packets.
    package mutating func note(_ incident: StreamIncident) {
        switch incident {
        case .packetsLost: packetsLost()
        case .chainBroken: breakChain()
        case .brokenChainAccepted: acceptBrokenChain()
        case .streamChanged: reset()
        }
    }
}
