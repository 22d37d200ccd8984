/// What the jitter buffer has for the next stretch of sound. Durations are in ticks of 1/48000 s; bytes hold until the
/// next packet is inserted.
package enum Playout {
    /// Decode and play.
    case packet(UnsafeRawBufferPointer, duration: Int)
    /// A packet is lost and this is the one behind it: decode its FEC for `duration`. It comes again as a `packet`.
    case recover(UnsafeRawBufferPointer, duration: Int)
    /// Nothing came: let the decoder conceal.
    case conceal(duration: Int)
    /// The sender was silent.
    case silence(duration: Int)
    /// The end of far too much sound that was dropped: decode this and leave it out, with a cross-fade into what comes
    /// next.
    case skip(UnsafeRawBufferPointer, duration: Int)
    /// Nothing to play: silence to the end of the tick.
    case waiting
}
