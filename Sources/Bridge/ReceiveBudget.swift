/// What one socket may bring in one tick of the sound: what waits beyond it waits for the next, so that a flood on one port
/// holds up nobody's sound.
package enum ReceiveBudget {
    /// A hundred times what a site sends in 20 ms.
    package static let batchesPerTick = 4
    package static let datagramsPerBatch = 32
}
