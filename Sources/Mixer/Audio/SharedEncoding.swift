import Media

/// What a listener's sound is encoded as.
package struct AudioFormat: Hashable, Sendable {
    package var codec: AudioCodec
    /// Of Opus; the others have one rate only.
    package var bitrate: Bitrate

    package init(codec: AudioCodec, bitrate: Bitrate = Bitrate(bitsPerSecond: 48_000)) {
        self.codec = codec
        self.bitrate = bitrate
    }
}

/// Encodes each distinct mix once per format: all who hear the same mix in the same format get the same bytes.
///
/// A listener moves between encoders when its site begins to speak, and 2 s after it stopped. Its decoder must not hear
/// that. If nobody works for the mix yet, the new encoder starts as the twin of the listener's old one, and its stream
/// goes on as if nothing happened. If somebody does, that encoder's next packet leans on nothing before it. Codecs whose
/// state can't be copied are led in with the block before.
///
/// Encoders are kept for use again; a new one is made only when more are needed at once than ever before.
package struct SharedEncoding: ~Copyable {
    private struct Listener {
        var format: Int?
        /// Whether it gets the packets of two ticks in one.
        var isJoined = false
        var lane: Int?
        /// Whose it was in the tick before.
        var olderLane: Int?
        var packetLoss = 0
    }

    /// One encode of this tick, for statistics.
    package struct Encode: Equatable, Sendable {
        package var mix: Int
        package var format: AudioFormat
        package var listeners: Int
        package var bytes: Int
    }

    private var formats: [AudioFormat] = []
    private var listeners: [Listener] = []
    private var lanes: [EncodeLane] = []
    // The lane of each mix and format: mix * formats.count + format.
    private var table: [Int?] = []
    private let joiner = PacketJoiner()
    /// Counts the calls of `encode`, from 1 on.
    private var tick = 0
    /// Encodes of the last tick.
    package private(set) var encodeCount = 0
    /// Encodes that failed since the start.
    package private(set) var failures = 0

    // So many encoders a format are made in advance: those of the default four speakers, the rest, and some in a move.
    private static let spares = 8

    package init() {}

    /// Adds a listener, by the index the mixer gave it.
    /// - Parameter isJoined: whether it is to get one packet of two blocks every other tick, in place of one of one block
    ///   each: listeners of odd indices in odd ticks.
    package mutating func addListener(
        _ listener: Int, format: AudioFormat, isJoined: Bool = false
    ) throws(AudioCodecError) {
        let index = formats.firstIndex(of: format) ?? formats.count
        if index == formats.count {
            formats.append(format)
            layOutTable(mixes: 0)
        }
        while listeners.count <= listener { listeners.append(Listener()) }
        listeners[listener] = Listener(format: index, isJoined: isJoined)
        let wanted = min(Self.spares, listeners.count { $0.format == index } + 1)
        while lanes.count(where: { $0.format == index }) < wanted { try makeLane(index) }
    }

    /// Takes a listener off.
    package mutating func removeListener(_ listener: Int) { listeners[listener] = Listener() }

    /// How many packets of a hundred a listener loses, by its receiver reports: FEC is weighed by the worst of those who
    /// share an encode.
    package mutating func setPacketLoss(_ percent: Int, listener: Int) {
        listeners[listener].packetLoss = min(max(percent, 0), 100)
    }

    /// Makes the packets of this tick; call it once after each `AudioMixer.mix()`.
    package mutating func encode(_ mixer: borrowing AudioMixer) {
        if table.count < mixer.mixCapacity * formats.count { layOutTable(mixes: mixer.mixCapacity) }
        for lane in lanes {
            lane.listeners = 0
            lane.packetLoss = 0
            lane.twin = nil
        }
        tick += 1
        // No lane encodes before all listeners are placed: until then each stands where the last packet left it.
        for listener in listeners.indices { place(listener, mixer) }
        encodeCount = 0
        for lane in lanes {
            guard lane.listeners > 0 else { continue }
            encodeCount += 1
            if !lane.encode(mixer.block(lane.mix), tick: tick) { failures += 1 }
        }
        for slot in table.indices {
            if let lane = table[slot], lanes[lane].listeners == 0 { table[slot] = nil }
        }
    }

    /// A listener's packet of this tick, as if none were joined. The bytes hold until the next `encode`; `nil`: there is none.
    package func packet(for listener: Int) -> UnsafeRawBufferPointer? {
        listeners[listener].lane.flatMap { lanes[$0].packet(of: tick) }
    }

    /// Gives `send` what a listener is sent in this tick: a packet as a rule; one that is due in the next tick gets none, and
    /// two where blocks can't be joined. `age`: of its first block, in ticks. The bytes hold during `send`.
    package func forEachPacket(
        for listener: Int, _ send: (_ packet: UnsafeRawBufferPointer, _ age: Int) -> Void
    ) {
        let entry = listeners[listener]
        if entry.isJoined {
            guard (tick ^ listener) & 1 == 0 else { return }
            if let lane = entry.lane, let format = entry.format, let older = entry.olderLane,
                let packet = lanes[lane].joinedPacket(
                    of: tick, behind: lanes[older], codec: formats[format].codec, by: joiner)
            {
                return send(packet, 1)
            }
            if let older = entry.olderLane.flatMap({ lanes[$0].packet(of: tick - 1) }) { send(older, 1) }
        }
        if let newer = packet(for: listener) { send(newer, 0) }
    }

    /// Encodes of the last tick, one at a time, for `index` below `encoderCount`; `nil` for an encoder that rests.
    package func encode(at index: Int) -> Encode? {
        let lane = lanes[index]
        guard lane.listeners > 0 else { return nil }
        return Encode(
            mix: lane.mix, format: formats[lane.format], listeners: lane.listeners,
            bytes: lane.packet(of: tick)?.count ?? 0)
    }

    /// How many encoders there are, at work or not.
    package var encoderCount: Int { lanes.count }

    private mutating func place(_ listener: Int, _ mixer: borrowing AudioMixer) {
        guard let format = listeners[listener].format else { return }
        let mix = mixer.mix(of: listener)
        let slot = mix * formats.count + format
        let old = listeners[listener].lane
        listeners[listener].olderLane = old
        guard let index = table[slot] ?? open(slot, mix: mix, format: format, old: old, mixer) else {
            listeners[listener].lane = nil
            failures += 1
            return
        }
        let lane = lanes[index]
        if old != index, old == nil || lane.twin != old { lane.nextFrameIndependent() }
        lane.listeners += 1
        lane.packetLoss = max(lane.packetLoss, listeners[listener].packetLoss)
        listeners[listener].lane = index
    }

    private mutating func open(
        _ slot: Int, mix: Int, format: Int, old: Int?, _ mixer: borrowing AudioMixer
    ) -> Int? {
        guard let index = spareLane(format) else { return nil }
        let lane = lanes[index]
        lane.mix = mix
        table[slot] = index
        if let old, lane.become(lanes[old]) {
            lane.twin = old
        } else {
            lane.begin(after: old == nil ? nil : mixer.previousBlock(mix), before: tick)
        }
        return index
    }

    // A lane that no mix has; those without listeners in this tick still have theirs.
    private mutating func spareLane(_ format: Int) -> Int? {
        for index in lanes.indices where lanes[index].format == format {
            let lane = lanes[index]
            let slot = lane.mix * formats.count + format
            if lane.listeners == 0, !table.indices.contains(slot) || table[slot] != index { return index }
        }
        guard (try? makeLane(format)) != nil else { return nil }
        return lanes.count - 1
    }

    private mutating func makeLane(_ format: Int) throws(AudioCodecError) {
        let encoder = try AudioEncoder(formats[format].codec, bitrate: formats[format].bitrate)
        lanes.append(EncodeLane(format: format, encoder: encoder))
    }

    private mutating func layOutTable(mixes: Int) {
        table = Array(repeating: nil, count: max(mixes * formats.count, table.count))
        for (index, lane) in lanes.enumerated() where lane.listeners > 0 {
            let slot = lane.mix * formats.count + lane.format
            while table.count <= slot { table.append(nil) }
            table[slot] = index
        }
    }
}
