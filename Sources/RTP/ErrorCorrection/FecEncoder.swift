/// Protects the access units of one outgoing stream by ULPFEC (RFC 5109), level 0 only. The FEC packets leave behind the
/// access unit, in the stream's own sequence and with its timestamp, as libwebrtc and GStreamer send them.
///
/// For each access unit: `begin`, `protect` for each of its packets in order, `end`; then each `payload` goes out under
/// the next header of the stream. Pictures too small for an FEC packet of their own share one with those that follow.
package struct FecEncoder: ~Copyable {
    package struct Statistics: Equatable, Sendable {
        /// FEC packets made.
        package var made = 0
        /// Media packets that at least one of them, or the next one, protects.
        package var protected = 0
        /// Media packets of protected access units that none protects: too large, or too many.
        package var unprotected = 0

        package init() {}
    }

    /// The sum of the packets in one FEC packet; its bytes begin behind the room for the longest header.
    private struct Row {
        var base: UInt16 = 0
        var mask = FecMask()
        var parity = FecParity()
        var protectionLength = 0
        /// Bytes in front of the payload of the packets in it.
        var headerSize = 0
        var header: FecHeader {
            FecHeader(parity: parity, sequenceBase: base, mask: mask, protectionLength: protectionLength)
        }
    }

    /// Keyframes get this much more: all pictures up to the next one need them.
    package static let keyframeFactor = 1.5
    /// So many access units share an FEC packet at most: a repair that comes later finds the picture given up.
    private static let longestCarry = 4
    /// From this overhead on, that of 2 % of loss, such an FEC packet leaves though it is not due yet: else most pictures
    /// of one packet would have none. They are small enough for one more.
    private static let completeOverhead = 0.04

    package private(set) var statistics = Statistics()
    private let capacity: Int
    private let bodySize: Int
    private let rows: UnsafeMutablePointer<Row>
    private let bytes: UnsafeMutableRawPointer
    /// The rows that `end` finished, by number.
    private let finished: UnsafeMutablePointer<Int>
    private var finishedCount = 0

    private var isActive = false
    private var packetCount = 0
    private var rowCount = 0
    private var blockCount = 1
    private var blockSize = 1
    private var index = 0
    /// FEC packets that earlier access units were too small for.
    private var due = 0.0
    /// Access units whose packets are in row 0 still.
    private var carried = 0

    /// - Parameters:
    ///   - packetSize: the largest media packet, header included.
    ///   - capacity: FEC packets of one access unit. The memory is made here, once.
    package init(packetSize: Int = 1452, capacity: Int = 160) {
        precondition(packetSize > RTPHeader.fixedSize && packetSize <= 1 << 16, "packets of \(packetSize) bytes")
        precondition(capacity > 0, "room for at least one FEC packet")
        self.capacity = capacity
        bodySize = packetSize - RTPHeader.fixedSize
        rows = .allocate(capacity: capacity)
        rows.initialize(repeating: Row(), count: capacity)
        finished = .allocate(capacity: capacity)
        bytes = .allocate(byteCount: capacity * (FecHeader.longestSize + bodySize), alignment: 64)
    }

    deinit {
        rows.deallocate()
        finished.deallocate()
        bytes.deallocate()
    }

    /// An access unit begins.
    /// - Parameters:
    ///   - packetCount: its media packets.
    ///   - overhead: FEC packets per media packet, 0 to 1; see `FecRate`. A keyframe gets `keyframeFactor` of it.
    package mutating func begin(packetCount: Int, overhead: Double, isKeyframe: Bool) {
        finishedCount = 0
        index = 0
        self.packetCount = max(0, packetCount)
        let share = overhead.isFinite ? min(1, max(0, overhead) * (isKeyframe ? Self.keyframeFactor : 1)) : 0
        isActive = share > 0 && packetCount > 0
        guard isActive else {
            if share == 0 { forget() }
            return
        }
        blockCount = (packetCount + FecMask.span - 1) / FecMask.span
        blockSize = (packetCount + blockCount - 1) / blockCount
        if isKeyframe {
            // Pictures before it are of no use to those after it.
            forget()
            rowCount = min(packetCount, capacity, max(blockCount, Int((Double(packetCount) * share).rounded())))
        } else {
            due += Double(packetCount) * share
            rowCount = min(packetCount, capacity, Int(due))
            if rowCount == 0, carried == Self.longestCarry - 1, share >= Self.completeOverhead { rowCount = 1 }
            due = min(1, max(0, due - Double(rowCount)))
        }
        let fits = rows[0].mask.last + 1 + packetCount <= FecMask.span
        if carried == 0 || carried >= Self.longestCarry || !fits { clear(0) }
        for row in 1..<max(1, rowCount) { rows[row] = Row() }
    }

    /// Takes the access unit's next packet: whole, as it will leave, but for SRTP. Sequence numbers rise by one.
    /// - Parameter packet: borrowed for the call.
    package mutating func protect(_ packet: UnsafeRawBufferPointer) {
        guard isActive, index < packetCount else { return }
        defer { index += 1 }
        guard packet.count >= RTPHeader.fixedSize, packet.count <= RTPHeader.fixedSize + bodySize else {
            statistics.unprotected += 1
            return
        }
        // A transport-wide number counts as zero here, and is none in what arrives: it would lie over the payload of a packet
        // with a header of another size. So those of the pictures before, which have other contributors, stay alone.
        if index == 0, !rows[0].mask.isEmpty, rows[0].headerSize != Self.headerSize(of: packet) { clear(0) }
        let (block, place) = index.quotientAndRemainder(dividingBy: blockSize)
        let first = rowCount * block / blockCount
        let count = rowCount * (block + 1) / blockCount - first
        var isProtected = false
        if rowCount == 0 {
            // No FEC packet is due yet: the first row gathers on. A large access unit would not fit its mask.
            isProtected = blockCount == 1 && add(packet, to: 0)
        } else if count > 0 {
            var set = FecPattern(rowCount: count).rows(of: place)
            while set != 0 {
                if add(packet, to: first + set.trailingZeroBitCount) { isProtected = true }
                set &= set - 1
            }
        }
        if isProtected { statistics.protected += 1 } else { statistics.unprotected += 1 }
    }

    /// The access unit is over. How many FEC packets go out behind it; often 0 where pictures are small.
    package mutating func end() -> Int {
        guard isActive else { return 0 }
        isActive = false
        guard rowCount > 0 else {
            carried += 1
            return 0
        }
        for row in 0..<rowCount where !rows[row].mask.isEmpty {
            let header = rows[row].header
            header.write(
                into: UnsafeMutableRawBufferPointer(rebasing: slot(row)[(FecHeader.longestSize - header.size)...]))
            finished[finishedCount] = row
            finishedCount += 1
        }
        statistics.made += finishedCount
        // What lies in the rows is for `payload` only: with nothing carried, the next access unit begins with empty ones.
        carried = 0
        return finishedCount
    }

    /// An FEC payload of the access unit that ended last; it holds until the next `begin`.
    /// - Precondition: `index` is below what `end` returned.
    package func payload(_ index: Int) -> UnsafeRawBufferPointer {
        precondition(index >= 0 && index < finishedCount, "FEC packet \(index) of \(finishedCount)")
        let row = finished[index]
        let header = rows[row].header
        let start = FecHeader.longestSize - header.size
        return UnsafeRawBufferPointer(
            rebasing: slot(row)[start..<FecHeader.longestSize + header.protectionLength])
    }

    private func slot(_ row: Int) -> UnsafeMutableRawBufferPointer {
        let size = FecHeader.longestSize + bodySize
        return UnsafeMutableRawBufferPointer(start: bytes + row * size, count: size)
    }

    private mutating func clear(_ row: Int) {
        rows[row] = Row()
        carried = 0
    }

    private mutating func forget() {
        clear(0)
        due = 0
        rowCount = 0
    }

    private static func headerSize(of packet: UnsafeRawBufferPointer) -> Int {
        RTPHeader(parsing: packet)?.payload.lowerBound ?? RTPHeader.fixedSize
    }

    private mutating func add(_ packet: UnsafeRawBufferPointer, to index: Int) -> Bool {
        let sequence = packet.bigEndian16(at: 2)
        let row = rows + index
        if row.pointee.mask.isEmpty {
            row.pointee.base = sequence
            row.pointee.headerSize = Self.headerSize(of: packet)
        }
        let distance = Int(sequence &- row.pointee.base)
        guard distance < FecMask.span else { return false }
        row.pointee.mask.insert(distance)
        row.pointee.parity ^= FecParity(of: packet)
        let body = UnsafeRawBufferPointer(rebasing: packet[RTPHeader.fixedSize...])
        let target = UnsafeMutableRawBufferPointer(rebasing: slot(index)[FecHeader.longestSize...])
        // What lies in both is summed up; what is longer than all before is copied: those count as zeros there.
        let common = min(body.count, row.pointee.protectionLength)
        if let start = target.baseAddress {
            addParity(of: UnsafeRawBufferPointer(rebasing: body[..<common]), to: start)
        }
        if body.count > common {
            UnsafeMutableRawBufferPointer(rebasing: target[common...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: body[common...]))
            row.pointee.protectionLength = body.count
        }
        return true
    }
}
