/// Where a packet stands in its stream: the sequence number unwrapped, the timestamp as on the wire.
struct StreamPosition: Equatable {
    var sequence: Int64
    var timestamp: UInt32

    /// How far `header` lies ahead of this packet in time, in ticks; negative if behind.
    func ticks(to header: RTPHeader) -> Int64 { Int64(Int32(bitPattern: header.timestamp &- timestamp)) }

    /// The place of `header` if it belongs to the same numbering as this packet: not a jump in the sense of
    /// RFC 3550 appendix A.1, nor older than a repair can be. The same bounds as `RemoteStream` has, so that both see a
    /// restart at the same packet.
    func place(of header: RTPHeader, clockRate: Int) -> StreamPosition? {
        let delta = Int64(Int16(bitPattern: header.sequence &- UInt16(truncatingIfNeeded: sequence)))
        let place = StreamPosition(sequence: sequence &+ delta, timestamp: header.timestamp)
        return isOfUse(delta: delta, age: -ticks(to: header), clockRate: clockRate) ? place : nil
    }

    /// Whether a packet `delta` sequence numbers ahead and `age` ticks older is of use behind this one.
    func isOfUse(delta: Int64, age: Int64, clockRate: Int) -> Bool {
        if delta >= -RemoteStream.maximumMisorder { return delta < RemoteStream.maximumDropout }
        return delta > -RemoteStream.maximumDropout && age > 0 && age < 2 * Int64(clockRate)
    }
}
