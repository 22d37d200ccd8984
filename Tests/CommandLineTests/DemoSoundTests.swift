import Console
import Foundation
import Testing

@Suite("The demo's ear")
struct DemoSoundTests {
    @Test("tells tones apart, and how loud each is")
    func tones() throws {
        var meter = ToneMeter(tones: [670, 720, 850], sampleRate: 48_000)
        let sound = (0..<96_000).map { 0.5 * Float(sin(2 * .pi * 720 * Double($0) / 48_000)) }
        var windows: [ToneWindow] = []
        for start in stride(from: 0, to: sound.count, by: 1000) {
            windows += meter.push(Array(sound[start..<min(start + 1000, sound.count)]))
        }
        #expect(windows.count == 19)
        let window = try #require(windows.last)
        #expect(abs(window.levels[1] - -6.02) < 0.05)
        #expect(abs(window.total - -6.02) < 0.05)
        #expect(window.levels[0] < -60 && window.levels[2] < -60)
    }

    @Test("hears nothing in silence")
    func silence() {
        var meter = ToneMeter(tones: [670], sampleRate: 48_000)
        let windows = meter.push([Float](repeating: 0, count: 9600))
        #expect(windows == [ToneWindow(levels: [ToneWindow.silence], total: ToneWindow.silence)])
    }

    @Test("reads a WAV file while it is written, however it is cut", arguments: [1, 7, 4096])
    func wave(piece: Int) {
        var bytes = Array("RIFF\u{7F}\u{7F}\u{7F}\u{7F}WAVE".utf8)
        bytes += Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
        bytes += Array("fmt ".utf8) + [16, 0, 0, 0, 1, 0, 2, 0, 0x80, 0xBB, 0, 0, 0, 0xEE, 2, 0, 4, 0, 16, 0]
        bytes += Array("data".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]
        bytes += [0, 0x40, 0, 0x40, 0, 0xC0, 0, 0x40, 1]
        var stream = WaveStream()
        var samples: [Float] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            samples += stream.push(bytes[start..<min(start + piece, bytes.count)])
        }
        #expect(stream.format?.sampleRate == 48_000 && stream.format?.channels == 2)
        #expect(samples == [0.5, 0] && !stream.isDamaged)
    }

    @Test(
        "takes nothing that is no WAV file",
        arguments: ["OggS............", "RIFF....WAVEdata....", "RIFF....WAVEJUNK\u{7F}\u{7F}\u{7F}\u{7F}"])
    func noWave(text: String) {
        var stream = WaveStream()
        #expect(stream.push(text.utf8).isEmpty)
        #expect(stream.isDamaged && stream.format == nil)
    }
}
