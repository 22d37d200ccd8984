import Media

extension AudioJitterBuffer {
    /// What became of the packets, and how the delay stands.
    package struct Statistics: Equatable, Sendable {
        package var late = 0
        package var duplicate = 0
        /// Packets that were not there when they were due.
        package var lost = 0
        /// Lost packets that the one behind had the FEC of.
        package var recovered = 0
        package var overflow = 0
        package var refused = 0
        package var restarts = 0
        /// What was concealed by the decoder's guess.
        package var concealed = Interval.zero
        /// What was dropped as hopelessly too much.
        package var skipped = Interval.zero
        /// How long the fastest packets waited for the last tick that played.
        package var delay = Interval.zero
        /// How long they are to wait.
        package var target = Interval.zero
        /// The share of the packets of the last seconds that were not there when they were due, 0 to 1.
        package var lossShare: Float = 0
        /// How fast sound is played.
        package var pace = Pace()
    }
}
