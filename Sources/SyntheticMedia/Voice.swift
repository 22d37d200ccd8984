import Media
import Mixer

/// A site's sound made up: a buzz, as of vocal cords, in syllables of four a second, so that an encoder for speech has
/// speech-like work. Site by site another pitch.
package struct Voice: ~Copyable {
    private let blocks: AudioBlockStorage
    /// Blocks until it begins again: 1 s.
    private static let length = 50

    /// - Parameter index: tells the voices apart.
    package init(_ index: Int, amplitude: Float = 0.1) {
        let blocks = AudioBlockStorage(capacity: Self.length)
        let pitch = 110 + 10 * (index % 20)
        for tick in 0..<Self.length {
            let buffer = blocks[tick].buffer
            for place in 0..<AudioBlock.count {
                let sample = tick * AudioBlock.count + place
                // A sawtooth and a syllable's rise and fall, whole numbers of each in a second.
                let phase = Float(sample * pitch % AudioBlock.sampleRate) / Float(AudioBlock.sampleRate)
                let syllable = Float(sample * 4 % AudioBlock.sampleRate) / Float(AudioBlock.sampleRate)
                buffer[place] = amplitude * (2 * phase - 1) * 4 * syllable * (1 - syllable)
            }
        }
        self.blocks = blocks
    }

    /// The block of a tick.
    package func block(_ tick: Int) -> AudioBlock { blocks[tick % Self.length] }
}
