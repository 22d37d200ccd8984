import TestSupport
import Testing

@Suite("WAVFile")
struct WAVFileTests {
    /// A WAV file of one `fmt ` chunk, whatever `extra` is, and one `data` chunk.
    private func file(
        format: Int, channels: Int, bits: Int, extra: [UInt8] = [], data: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
        func long(_ value: Int) -> [UInt8] { word(value & 0xFFFF) + word(value >> 16 & 0xFFFF) }
        let frame = channels * bits / 8
        var bytes = Array("RIFF".utf8) + long(0) + Array("WAVEfmt ".utf8) + long(16) + word(format) + word(channels)
        bytes += long(48_000) + long(48_000 * frame) + word(frame) + word(bits)
        return bytes + extra + Array("data".utf8) + long(length ?? data.count) + data
    }

    @Test("16-bit stereo, with another chunk of odd length before the data")
    func integers() throws {
        let list = Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
        let wav = try WAVFile(
            bytes: file(format: 1, channels: 2, bits: 16, extra: list, data: [0, 0x40, 0, 0x80, 0xFF, 0x7F, 0, 0]))
        #expect(wav.sampleRate == 48_000 && wav.channels == 2)
        #expect(wav.channel(0) == [0.5, 32767.0 / 32768])
        #expect(wav.channel(1) == [-1, 0])
    }

    @Test("floats, of a file its writer did not finish", arguments: [0, 0xFFFF_FFFF])
    func floats(length: Int) throws {
        let wav = try WAVFile(
            bytes: file(format: 3, channels: 1, bits: 32, data: [0, 0, 0x80, 0x3E, 0, 0, 0, 0xBF], length: length))
        #expect(wav.samples == [0.25, -0.5])
    }

    @Test("refuses what is no WAV file or another format")
    func refusals() {
        #expect(throws: WAVFile.FormatError.self) { try WAVFile(bytes: Array("RIFF".utf8)) }
        #expect(throws: WAVFile.FormatError.self) {
            try WAVFile(bytes: file(format: 1, channels: 1, bits: 24, data: [1, 2, 3]))
        }
        let cut = Array(file(format: 1, channels: 1, bits: 16, data: [1, 2]).prefix(30))
        #expect(throws: WAVFile.FormatError.self) { try WAVFile(bytes: cut) }
    }
}
