import Media
import Synchronization

/// The size that one camera's pictures are shown at: told by the tile cache when it had to scale one, read where the next one is
/// decoded. There it is scaled while it is still in the processor's cache, on the camera's own queue, and the tick finds it
/// ready. A wish that comes to nothing is dropped: the layout has changed, or more pictures come than are shown.
package final class TileWish: Sendable {
    struct Shape: Hashable, Sendable {
        var source: Rectangle
        var size: Size
    }

    private struct State {
        var shape: Shape?
        /// Tiles made ready, and those of them that were shown, in this round.
        var made = 0
        var shown = 0
        /// Pictures until a wish is heard again.
        var deaf = 0
    }

    // Guarded: held for a few sums.
    private let state = Mutex(State())

    /// Tiles after which it is seen whether they were of use.
    private static let round = 32
    /// Of them, that must have been shown.
    private static let least = 20
    /// Pictures for which none is made after a round that was of no use.
    private static let rest = 300

    package init() {}

    /// What to make of the next picture; `nil`: nothing.
    func next() -> Shape? {
        state.withLock { state in
            if state.deaf > 0 { state.deaf -= 1 }
            guard state.deaf == 0, let shape = state.shape else { return nil }
            if state.made == Self.round {
                let isOfUse = state.shown >= Self.least
                state = State(shape: isOfUse ? shape : nil, deaf: isOfUse ? 0 : Self.rest)
                if !isOfUse { return nil }
            }
            state.made += 1
            return shape
        }
    }

    /// A picture was scaled for a cell: it was not ready.
    func note(_ shape: Shape) {
        state.withLock { $0.shape = shape }
    }

    /// A tile that was ready was shown, the first time.
    func noteShown() {
        state.withLock { $0.shown += 1 }
    }
}
