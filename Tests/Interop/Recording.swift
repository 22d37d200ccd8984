import Foundation
import Media
import TestSupport

/// What a real endpoint shows and plays: decoded pictures and samples, which grow while it receives.
final class Recording {
    /// The receiving peer.
    let peer: Subprocess
    let size: Size
    private let picturePath: String
    private let soundPath: String

    /// ffmpeg opens the file that `--sdp-dir` has for the site.
    init(ffmpeg site: String, of bridge: BridgeProcess, size: Size, hasVideo: Bool = true, hasAudio: Bool = true) throws
    {
        self.size = size
        picturePath = bridge.path("\(site).yuv")
        soundPath = bridge.path("\(site).wav")
        peer = try Subprocess(
            PeerCommands.ffmpegReceiver(
                sdp: bridge.path("\(site).sdp"), rawVideo: hasVideo ? picturePath : nil,
                wav: hasAudio ? soundPath : nil, seconds: 600))
    }

    /// ffmpeg receives H.264 and Opus at ports that a test names, such as those behind a tap.
    convenience init(
        ffmpeg site: String, audioPort: Int?, videoPort: Int?, of bridge: BridgeProcess, size: Size
    ) throws {
        try PeerCommands.sessionDescription(audioPort: audioPort, videoPort: videoPort)
            .write(toFile: bridge.path("\(site).sdp"), atomically: true, encoding: .utf8)
        try self.init(
            ffmpeg: site, of: bridge, size: size, hasVideo: videoPort != nil, hasAudio: audioPort != nil)
    }

    /// GStreamer receives H.264 and Opus at the site's home.
    init(gstreamer line: SiteLine, of bridge: BridgeProcess, size: Size) throws {
        self.size = size
        picturePath = bridge.path("\(line.id).yuv")
        soundPath = bridge.path("\(line.id).wav")
        peer = try Subprocess(
            PeerCommands.gstreamerReceiver(
                audioPort: line.home.audio, videoPort: line.home.video, rawVideo: picturePath, wav: soundPath))
    }

    /// Any endpoint that a test has a command line for.
    /// - Parameter command: given the files of its pictures and of its sound.
    init(
        _ site: String, of bridge: BridgeProcess, size: Size,
        command: (_ rawVideo: String, _ wav: String) -> [String]
    ) throws {
        self.size = size
        picturePath = bridge.path("\(site).yuv")
        soundPath = bridge.path("\(site).wav")
        peer = try Subprocess(command(picturePath, soundPath))
    }

    deinit { peer.stop(signal: 2) }

    /// The pictures so far.
    var pictureCount: Int { fileSize(picturePath) / PictureProbe.byteCount(of: size) }

    /// The sound so far, in seconds at least; a stereo file has half of it.
    var soundSeconds: Double { Double(fileSize(soundPath)) / 96_000 }

    /// Ends the peer, so that its files are whole.
    func stop() { peer.stop(signal: 2) }

    /// The pictures so far.
    func pictures() throws -> RawVideoFile { try RawVideoFile(path: picturePath, size: size) }

    /// The newest picture; `nil` before the first.
    func newestPicture() throws -> PictureProbe? {
        guard pictureCount > 0 else { return nil }
        let pictures = try pictures()
        return pictures.count > 0 ? pictures.picture(pictures.count - 1) : nil
    }

    /// The last `seconds` of sound, of the first channel, with its rate; fewer samples if there are not so many yet.
    func newestSound(seconds: Double) throws -> (samples: ArraySlice<Float>, rate: Double) {
        let file = try WAVFile(path: soundPath)
        let samples = file.channel(0)
        return (samples.suffix(Int(seconds * Double(file.sampleRate))), Double(file.sampleRate))
    }

    /// The level of each tone in the last `seconds`, in dB relative to a full-scale sine; `nil` while there is less.
    func levels(of tones: [Double], seconds: Double = 0.5) throws -> [Double]? {
        guard fileSize(soundPath) > 4096, let (samples, rate) = try? newestSound(seconds: seconds),
            Double(samples.count) >= seconds * rate * 0.99
        else { return nil }
        return tones.map { ToneProbe(frequency: $0, sampleRate: rate).level(in: samples) }
    }

    /// The same over `windows` of `length` seconds, the median of each: one packet that came late on a busy machine
    /// tells nothing of who is in the mix. An eighth of a second holds a tone of 2460 Hz too while its clock is followed by
    /// a resampler, at one part in 1000 at most; what is not to be there is looked for over longer, above the codec's noise.
    func medianLevels(of tones: [Double], windows: Int, length seconds: Double = 1 / 8) throws -> [Double]? {
        guard let (samples, rate) = try? newestSound(seconds: Double(windows) * seconds) else { return nil }
        let length = Int(rate * seconds)
        guard samples.count >= windows * length else { return nil }
        return tones.map { tone in
            let probe = ToneProbe(frequency: tone, sampleRate: rate)
            let levels = (0..<windows).map { window in
                let start = samples.startIndex + window * length
                return probe.level(in: samples[start..<start + length])
            }
            return levels.sorted()[windows / 2]
        }
    }

    private func fileSize(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int) ?? 0
    }
}
