/// 16-bit PCM in a WAV file that is still being written: its samples as they come, all channels mixed into one.
package struct WaveStream: Sendable {
    /// What the file says of itself.
    package struct Format: Hashable, Sendable {
        package var sampleRate: Int
        package var channels: Int
    }

    /// `nil` until the header has come.
    package private(set) var format: Format?
    /// Whether what came is no such file; nothing more is read then.
    package private(set) var isDamaged = false
    private var pending: [UInt8] = []

    /// No header of a WAV file is longer.
    private static let longestHeader = 64 * 1024

    package init() {}

    /// Takes the next bytes.
    ///
    /// - Returns: the samples that are whole now, 1 at most.
    package mutating func push(_ bytes: some Sequence<UInt8>) -> [Float] {
        guard !isDamaged else { return [] }
        pending.append(contentsOf: bytes)
        if format == nil { readHeader() }
        guard let format else { return [] }
        let count = pending.count / (2 * format.channels)
        let scale = 1 / (32_768 * Float(format.channels))
        let samples = (0..<count).map { index -> Float in
            var sum: Float = 0
            for channel in 0..<format.channels {
                let at = 2 * (index * format.channels + channel)
                sum += Float(Int16(bitPattern: UInt16(pending[at]) | UInt16(pending[at + 1]) << 8))
            }
            return sum * scale
        }
        pending.removeFirst(count * 2 * format.channels)
        return samples
    }

    /// Walks the chunks up to `data`, whose length isn't known while the file is written.
    private mutating func readHeader() {
        guard pending.count >= 12 else { return }
        guard word(at: 0) == "RIFF", word(at: 8) == "WAVE" else { return refuse() }
        var found: Format?
        var offset = 12
        while pending.count >= offset + 8 {
            let length = Int(number(at: offset + 4)) | Int(number(at: offset + 6)) << 16
            let body = offset + 8
            switch word(at: offset) {
            case "data":
                guard let found else { return refuse() }
                format = found
                pending.removeFirst(body)
                return
            case "fmt ":
                guard pending.count >= body + 16 else { return }
                let (channels, bits) = (Int(number(at: body + 2)), number(at: body + 14))
                let rate = Int(number(at: body + 4)) | Int(number(at: body + 6)) << 16
                guard bits == 16, (1...8).contains(channels), (8_000...192_000).contains(rate) else { return refuse() }
                found = Format(sampleRate: rate, channels: channels)
            default: break
            }
            offset = body + length + length % 2
            guard offset <= Self.longestHeader else { return refuse() }
        }
    }

    private mutating func refuse() {
        isDamaged = true
        pending = []
    }

    private func word(at offset: Int) -> String { String(decoding: pending[offset..<offset + 4], as: UTF8.self) }
    private func number(at offset: Int) -> UInt16 { UInt16(pending[offset]) | UInt16(pending[offset + 1]) << 8 }
}
