import Media

/// Repairs one received stream by ULPFEC (RFC 5109): it is shown each media packet and each FEC packet, and gives back
/// those it could recover, whole, as they left the sender. FEC packets are in the stream's own sequence, as libwebrtc and
/// GStreamer send them. Level 0 is used; what only higher levels protect stays lost.
///
/// Each `receive` is followed by `while let packet = decoder.next()`. What comes out goes through the session as if it had
/// arrived; it is not shown to the decoder again. Where media comes in RED (RFC 2198), `RedundantFormat` comes before.
package struct FecDecoder: ~Copyable {
    package struct Statistics: Equatable, Sendable {
        /// FEC packets that came.
        package var received = 0
        /// Media packets recovered.
        package var recovered = 0
        /// FEC packets that were not needed: all they protect was there.
        package var unneeded = 0
        /// FEC packets given up: too many of their packets were lost, or they came too late.
        package var expired = 0
        /// FEC packets thrown away since too many waited.
        package var overflow = 0
        /// FEC payloads that are too short for what they say, or protect nothing.
        package var malformed = 0
        /// FEC packets that protect themselves, or packets far ahead, or another stream.
        package var implausible = 0
        /// Media or FEC packets larger than a slot.
        package var oversized = 0
        /// Packets that level 0 protects only in part.
        package var partial = 0
        /// Recovered packets that can't be what was sent: no RTP, a type that isn't taken, a time far off.
        package var damaged = 0

        package init() {}
    }

    /// FEC packets wait for no more than so many sequence numbers ahead: those a mask spans.
    private static let farthest = Int64(FecMask.span)
    /// A recovered timestamp is at most this far from the newest packet's: 10 s in 90 kHz ticks.
    private static let largestTimestampDistance: Int32 = 10 * 90_000

    package private(set) var statistics = Statistics()
    private let accepts: PayloadTypeTable
    private var ring: MediaPacketRing
    private var store: FecPacketStore
    private var ssrc: UInt32?
    /// The highest sequence number seen, of media or FEC, unwrapped.
    private var highest: Int64 = 0
    private var newestTimestamp: UInt32?
    private var fecReach = FecReach()

    /// - Parameters:
    ///   - accepts: the payload types that a recovered packet may have: those of the media, not of FEC or RED.
    ///   - capacity: media packets held, a power of two; `capacity * slotSize` bytes are made here, once.
    ///   - fecCapacity: FEC packets that may wait.
    ///   - slotSize: the largest media packet, header included.
    package init(accepts: PayloadTypeTable, capacity: Int = 512, fecCapacity: Int = 64, slotSize: Int = 1500) {
        precondition(slotSize > RTPHeader.fixedSize && slotSize <= 1 << 16, "slots of \(slotSize) bytes")
        self.accepts = accepts
        ring = MediaPacketRing(capacity: capacity, slotSize: slotSize)
        store = FecPacketStore(capacity: fecCapacity, slotSize: slotSize - RTPHeader.fixedSize)
    }

    /// How many FEC packets wait.
    package var waiting: Int { store.count }

    /// How much later than the rest a repaired packet may come, by the FEC packets of late; `nil` while there are none.
    package var reach: Interval? {
        guard let newestTimestamp else { return nil }
        return fecReach.interval(at: newestTimestamp)
    }

    /// Takes a media packet as it arrived, by whatever way: plain, out of RED, or by retransmission.
    /// - Parameters:
    ///   - header: read from `datagram`.
    ///   - datagram: the whole RTP packet; borrowed for the call.
    package mutating func receive(media header: RTPHeader, _ datagram: UnsafeRawBufferPointer) {
        if ssrc != header.ssrc { begin(header) }
        let sequence = unwrap(header.sequence)
        guard sequence > highest - Int64(ring.capacity), !ring.contains(sequence) else { return }
        guard datagram.count <= ring.slotSize else {
            statistics.oversized += 1
            return
        }
        if sequence >= highest || newestTimestamp == nil { newestTimestamp = header.timestamp }
        highest = max(highest, sequence)
        ring.insert(sequence, datagram)
        noteArrival(of: sequence)
    }

    /// Takes an FEC packet.
    /// - Parameters:
    ///   - header: read from `datagram`.
    ///   - datagram: the whole RTP packet; borrowed for the call.
    package mutating func receive(fec header: RTPHeader, _ datagram: UnsafeRawBufferPointer) {
        statistics.received += 1
        if ssrc == nil { begin(header) }
        guard header.ssrc == ssrc else {
            statistics.implausible += 1
            return
        }
        let payload = UnsafeRawBufferPointer(rebasing: datagram[header.payload])
        guard let fec = FecHeader(parsing: payload) else {
            statistics.malformed += 1
            return
        }
        let sequence = unwrap(header.sequence)
        let base = unwrap(fec.sequenceBase)
        guard !fec.mask.contains(Int(sequence - base)),
            base + Int64(fec.mask.last) <= max(highest, sequence) + Self.farthest
        else {
            statistics.implausible += 1
            return
        }
        guard fec.protectionLength <= store.slotSize else {
            statistics.oversized += 1
            return
        }
        highest = max(highest, sequence)
        noteReach(of: fec, base: base, timestamp: header.timestamp)
        var entry = FecPacketStore.Entry()
        entry.base = base
        entry.mask = fec.mask
        entry.missing = fec.mask
        entry.parity = fec.parity
        entry.protectionLength = fec.protectionLength
        hold(entry, UnsafeRawBufferPointer(rebasing: payload[fec.size..<fec.size + fec.protectionLength]))
    }

    /// The next packet that was recovered, in no particular order: a whole RTP packet, which holds until the decoder is
    /// called again. Each may lead to another, so this is called until there is none.
    package mutating func next() -> UnsafeRawBufferPointer? {
        var index = 0
        while index < store.count {
            let entry = store[index]
            guard entry.missing.count == 1 else {
                index += 1
                continue
            }
            store.remove(at: index)
            guard let packet = recover(entry) else { continue }
            statistics.recovered += 1
            noteArrival(of: entry.base + Int64(entry.missing.first))
            return packet
        }
        return nil
    }

    /// Another stream begins: what is held is forgotten.
    package mutating func reset() {
        ring.removeAll()
        store.removeAll()
        ssrc = nil
        newestTimestamp = nil
        fecReach = FecReach()
    }

    private mutating func begin(_ header: RTPHeader) {
        reset()
        ssrc = header.ssrc
        // One cycle up, so that what is older than the first packet stays positive.
        highest = Int64(header.sequence) + 1 << 16
    }

    private func unwrap(_ sequence: UInt16) -> Int64 {
        highest + Int64(Int16(bitPattern: sequence &- UInt16(truncatingIfNeeded: highest)))
    }

    /// Dates an FEC packet by the oldest of its packets that is there.
    private mutating func noteReach(of fec: FecHeader, base: Int64, timestamp: UInt32) {
        for distance in fec.mask.first...fec.mask.last where fec.mask.contains(distance) {
            guard let packet = ring.packet(base + Int64(distance)) else { continue }
            fecReach.note(from: packet.bigEndian32(at: 4), to: timestamp)
            return
        }
    }

    private mutating func hold(_ entry: FecPacketStore.Entry, _ protected: UnsafeRawBufferPointer) {
        guard entry.first > highest - Int64(ring.capacity) else {
            statistics.expired += 1
            return
        }
        var entry = entry
        for distance in entry.mask.first...entry.mask.last where ring.contains(entry.base + Int64(distance)) {
            entry.missing.remove(distance)
        }
        guard !entry.missing.isEmpty else {
            statistics.unneeded += 1
            return
        }
        if store.isFull {
            store.removeOldest()
            statistics.overflow += 1
        }
        store.append(entry, protected)
    }

    private mutating func noteArrival(of sequence: Int64) {
        let floor = highest - Int64(ring.capacity)
        var index = 0
        while index < store.count {
            var entry = store[index]
            let distance = sequence - entry.base
            if entry.first <= floor {
                statistics.expired += 1
                store.remove(at: index)
            } else if distance >= 0, distance < Self.farthest, entry.missing.contains(Int(distance)) {
                entry.missing.remove(Int(distance))
                if entry.missing.isEmpty {
                    statistics.unneeded += 1
                    store.remove(at: index)
                } else {
                    store[index] = entry
                    index += 1
                }
            } else {
                index += 1
            }
        }
    }

    /// Builds the only packet that is missing in its slot (RFC 5109 section 9).
    private mutating func recover(_ entry: FecPacketStore.Entry) -> UnsafeRawBufferPointer? {
        let sequence = entry.base + Int64(entry.missing.first)
        guard entry.first > highest - Int64(ring.capacity) else {
            statistics.expired += 1
            return nil
        }
        let slot = ring.claim(sequence)
        let body = UnsafeMutableRawBufferPointer(rebasing: slot[RTPHeader.fixedSize...])
        body.copyMemory(from: store.protected(by: entry))
        var parity = entry.parity
        for distance in entry.mask.first...entry.mask.last
        where entry.mask.contains(distance) && !entry.missing.contains(distance) {
            guard let packet = ring.packet(entry.base + Int64(distance)) else {
                statistics.expired += 1
                return nil
            }
            parity ^= FecParity(of: packet)
            let end = min(packet.count, RTPHeader.fixedSize + entry.protectionLength)
            if let start = body.baseAddress {
                addParity(of: UnsafeRawBufferPointer(rebasing: packet[RTPHeader.fixedSize..<end]), to: start)
            }
        }
        let length = Int(parity.length)
        guard length <= entry.protectionLength else {
            statistics.partial += 1
            return nil
        }
        parity.writeHeader(
            sequence: UInt16(truncatingIfNeeded: sequence), ssrc: ssrc ?? 0, into: slot)
        let packet = UnsafeRawBufferPointer(rebasing: slot[..<(RTPHeader.fixedSize + length)])
        // Shorter packets count as filled up with zeros: anything else behind the end is a sum of the wrong packets.
        guard body[length..<entry.protectionLength].allSatisfy({ $0 == 0 }), isPlausible(packet) else {
            statistics.damaged += 1
            return nil
        }
        ring.fill(sequence, size: packet.count)
        return packet
    }

    private func isPlausible(_ packet: UnsafeRawBufferPointer) -> Bool {
        guard let header = RTPHeader(parsing: packet), accepts.codec(of: header.payloadType) != nil else {
            return false
        }
        guard let newestTimestamp else { return true }
        let distance = Int32(bitPattern: header.timestamp &- newestTimestamp)
        return distance.magnitude <= Self.largestTimestampDistance.magnitude
    }
}
