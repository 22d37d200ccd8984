import Media

/// The decoder of one site's pictures, in whatever codec and size they come.
///
/// A stream that changes either with each picture would make a decoder anew each time, at the price of many pictures. So a
/// stream may change as often as a camera does, and what goes beyond waits undecoded. Confined to its owner's queue.
package struct StreamDecoder: ~Copyable {
    /// Of the newest access unit.
    package private(set) var codec: VideoCodec
    /// Decoders made, and made anew for another size.
    package private(set) var changes = 0

    /// Cheaper, and blocks show: until the next keyframe the faults add up.
    package var skipsLoopFilter = false

    private var decoder: VideoDecoder?
    private var allowance = ChangeAllowance()

    /// - Parameter codec: the one the site is likely to send.
    package init(codec: VideoCodec) { self.codec = codec }

    /// Decodes one access unit. Its bytes are used only during the call.
    package mutating func decode(_ unit: AccessUnit, codec: VideoCodec) -> VideoDecoder.Outcome {
        guard allowance.isOpen(at: unit.arrival) else { return .damaged(.restless) }
        if decoder == nil || codec != self.codec {
            decoder = VideoDecoder(codec)
            self.codec = codec
            note(1, at: unit.arrival)
        }
        decoder?.skipsLoopFilter = skipsLoopFilter
        let before = decoder?.sizeChanges ?? 0
        let outcome = decoder?.decode(unit)
        note((decoder?.sizeChanges ?? before) - before, at: unit.arrival)
        return outcome ?? .none
    }

    private mutating func note(_ count: Int, at now: Instant) {
        changes += count
        for _ in 0..<count { allowance.take(at: now) }
    }
}

/// How often a stream may change: 20 times at once, then every two seconds.
private struct ChangeAllowance {
    /// When the allowance is whole again: each change moves it by `refill`.
    private var whole = Instant.zero

    private static let capacity = 20
    private static let refill = Interval.seconds(2)

    /// Whether another change could be borne.
    func isOpen(at now: Instant) -> Bool { whole - now <= Self.refill * (Self.capacity - 1) }

    mutating func take(at now: Instant) { whole = max(whole, now) + Self.refill }
}
