import Media
import RTP

/// A recorded picture stream as RTP datagrams, sent over and over: sequence numbers and timestamps go on at each turn, so
/// that a receiver sees one endless stream. It takes no memory after `init`.
package struct LoopedStream: ~Copyable {
    private struct Datagram {
        var range: Range<Int>
        /// Which picture it belongs to.
        var picture: Int
    }

    package static let payloadType = PayloadType(96)!

    private let bytes: UnsafeMutableRawBufferPointer
    private let datagrams: [Datagram]
    private let pictures: Int
    private var position = 0
    private var turn = 0
    private var sequence: UInt16 = 65_000

    /// Packets of the whole recording.
    package var count: Int { datagrams.count }

    package init(_ video: RecordedVideo, ssrc: UInt32 = 0x5EED_0001) {
        var packetizer = H264Packetizer()
        var batch = PacketBatch()
        var all: [UInt8] = []
        var datagrams: [Datagram] = []
        for index in 0..<video.count {
            video.withUnit(index, timestamp: 0) { packetizer.packetize($0, into: &batch) }
            for packet in 0..<batch.count {
                let header = RTPHeader(
                    payloadType: Self.payloadType.rawValue, marker: batch[packet].marker, sequence: 0, timestamp: 0,
                    ssrc: ssrc)
                let start = all.count
                all += repeatElement(0, count: RTPHeader.fixedSize)
                all.withUnsafeMutableBytes { header.write(into: UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
                all += batch.payload(packet)
                datagrams.append(Datagram(range: start..<all.count, picture: index))
            }
        }
        bytes = .allocate(byteCount: all.count, alignment: 16)
        bytes.copyBytes(from: all)
        self.datagrams = datagrams
        pictures = video.count
    }

    deinit { bytes.deallocate() }

    /// The next datagram; it holds until the next call. `picture` counts from the stream's start.
    package mutating func next() -> (datagram: UnsafeRawBufferPointer, picture: Int) {
        let datagram = datagrams[position]
        let picture = turn * pictures + datagram.picture
        let slice = UnsafeMutableRawBufferPointer(rebasing: bytes[datagram.range])
        slice.storeBigEndian(sequence, at: 2)
        slice.storeBigEndian(UInt32(truncatingIfNeeded: picture * 3_000), at: 4)
        sequence &+= 1
        position += 1
        if position == datagrams.count {
            position = 0
            turn += 1
        }
        return (UnsafeRawBufferPointer(slice), picture)
    }

    /// Adds all datagrams of the next picture to a batch, as far as it has room; returns how many pictures came before it.
    package mutating func nextPicture(into batch: inout SendBatch) -> Int {
        let picture = datagrams[position].picture
        var number = 0
        repeat {
            let (datagram, count) = next()
            number = count
            guard !batch.isFull else { continue }
            batch.slot.copyMemory(from: datagram)
            batch.commit(datagram.count)
        } while position > 0 && datagrams[position].picture == picture
        return number
    }
}
