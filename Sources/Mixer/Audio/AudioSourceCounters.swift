/// What became of one site's packets and samples.
package struct AudioSourceCounters: Equatable, Sendable {
    /// Packets decoded, those made up from FEC included.
    package var decoded = 0
    /// Packets no decoder took.
    package var refused = 0
    /// Lost packets made up for by the FEC of the one after them.
    package var recovered = 0
    /// The samples of those.
    package var recoveredSamples = 0
    /// Samples invented.
    package var concealed = 0
    /// Samples left out, unheard.
    package var skipped = 0
    /// Samples that the time-stretch added to sound that was played slower.
    package var inserted = 0
    /// Samples that the time-stretch took from sound that was played faster.
    package var removed = 0
    /// Samples given out in all.
    package var played = 0

    package init() {}
}
