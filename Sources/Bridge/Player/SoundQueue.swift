import Media
import Mixer
import Synchronization

/// Blocks of 20 ms on their way from a queue that makes them in bursts to the audio thread, which takes one a tick. It holds
/// back a little, so that a burst that comes late is not heard: the more, the longer the bursts have been found to be. What
/// comes faster than its clock says is left out.
package final class SoundQueue: Sendable {
    private struct State: ~Copyable, @unchecked Sendable {  // only ever reached through its mutex
        var blocks = AudioBlockStorage(capacity: SoundQueue.capacity)
        var first = 0
        var count = 0
        /// How many blocks are there before anything is played.
        var reserve = SoundQueue.leastReserve
        /// Whether it waits until so many are there.
        var isFilling = true
        var dropped = 0
    }

    /// 60 ms.
    private static let leastReserve = 3
    /// 400 ms: ffmpeg's MPEG-TS has its sound in bursts of 340 ms.
    private static let largestReserve = 20
    /// Blocks beyond the reserve: 400 ms.
    private static let slack = 20
    private static let capacity = largestReserve + slack

    // Guarded: held for one block's copy.
    private let state = Mutex(State())

    package init() {}

    /// Appends a block; its samples are copied.
    package func append(_ block: AudioBlock) {
        state.withLock { state in
            if state.count >= min(state.reserve + Self.slack, Self.capacity) {
                let surplus = state.count - state.reserve
                state.first = (state.first + surplus) % Self.capacity
                state.count -= surplus
                state.dropped += surplus
            }
            state.blocks[(state.first + state.count) % Self.capacity].samples
                .update(from: block.samples, count: AudioBlock.count)
            state.count += 1
            if state.count >= state.reserve { state.isFilling = false }
        }
    }

    /// Gives the oldest block to `body`, whose memory is borrowed.
    /// - Returns: `false` if there is none: silence.
    package func take(_ body: (AudioBlock) -> Void) -> Bool {
        state.withLock { state in
            guard !state.isFilling else { return false }
            guard state.count > 0 else {
                state.isFilling = true
                state.reserve = min(state.reserve + 3, Self.largestReserve)
                return false
            }
            body(state.blocks[state.first])
            state.first = (state.first + 1) % Self.capacity
            state.count -= 1
            return true
        }
    }

    /// Forgets what has not been played.
    func removeAll() {
        state.withLock { state in
            (state.first, state.count, state.isFilling, state.reserve) = (0, 0, true, Self.leastReserve)
        }
    }

    /// How long a block waits before it is played.
    var delay: Interval { AudioBlock.duration * state.withLock { $0.reserve } }

    /// Blocks left out since they came too fast.
    package var dropped: Int { state.withLock { $0.dropped } }
}
