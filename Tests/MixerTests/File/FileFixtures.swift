import Foundation
import Media
import Mixer
import TestSupport
import Testing

/// A folder of its own for each test's files, gone with this value.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/mcu-server-files-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
    func location(_ name: String) -> MediaLocation { MediaLocation(self(name)) }

    /// Makes a file by ffmpeg; the name comes last.
    /// - Returns: its path.
    @discardableResult
    func make(_ name: String, _ arguments: [String]) throws -> String {
        try ffmpeg(arguments + [self(name)])
        return self(name)
    }

    func ffmpeg(_ arguments: [String]) throws {
        let command = ["ffmpeg", "-nostdin", "-y", "-v", "error"] + arguments
        let process = try Subprocess(command, limit: 60)
        try #require(process.wait(seconds: 60) == 0, "\(command.joined(separator: " ")): \(process.output)")
    }

    func size(_ name: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: self(name))[.size] as? Int)
    }

    /// A copy of the first `count` bytes.
    func cut(_ name: String, to count: Int, as other: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: self(name))).prefix(max(0, count)).write(
            to: URL(fileURLWithPath: self(other)))
    }
}

/// Test material for ffmpeg's lavfi.
enum Lavfi {
    /// Pictures that say which they are: 25 a second, luma 16 + 8 n, over again each second.
    static func numbered(_ size: String = "64x36", seconds: Int = 1) -> [String] {
        [
            "-f", "lavfi", "-i",
            "nullsrc=s=\(size):r=25:d=\(seconds),geq=lum='16+8*mod(N\\,25)':cb=128:cr=128,format=yuv420p,"
                + "setparams=range=tv:colorspace=bt709",
        ]
    }

    /// A tone of amplitude 0.25, the same in one or two channels.
    static func tone(_ frequency: Int, seconds: Int = 1, rate: Int = 48_000, channels: Int = 1) -> [String] {
        let wave = Array(repeating: "0.25*sin(2*PI*\(frequency)*t)", count: channels).joined(separator: "|")
        let layout = channels == 1 ? "mono" : "stereo"
        return ["-f", "lavfi", "-i", "aevalsrc='\(wave)':c=\(layout):s=\(rate):d=\(seconds)"]
    }

    /// White, and a tone of 1000 Hz, from 0.52 s to 0.72 s of 1 s.
    static let clap: [String] = [
        "-f", "lavfi", "-i",
        "nullsrc=s=64x36:r=25:d=1,geq=lum='if(between(N\\,13\\,17)\\,235\\,16)':cb=128:cr=128,format=yuv420p",
        "-f", "lavfi", "-i", "aevalsrc='0.5*sin(2*PI*1000*t)*between(t\\,0.52\\,0.72)':s=48000:d=1",
    ]
}

/// All that a reader gave, kept.
struct Reading {
    var pictures: [(picture: Picture, time: Interval)] = []
    var sound: [Float] = []
    var soundStart: Interval?
    var times: [Interval] = []
    var end: Interval?

    /// Reads to the end, or until there are `limit` pictures or seconds of sound.
    init(_ reader: inout MediaFileReader, pictures limit: Int = .max, seconds: Double = .infinity) throws {
        while pictures.count < limit, Double(sound.count) < seconds * 48_000 {
            switch try reader.next(deadline: .distantFuture) {
            case .picture(let picture, let time):
                pictures.append((picture, time))
                times.append(time)
            case .samples(let block, let time):
                if soundStart == nil { soundStart = time }
                sound += block.buffer
                times.append(time)
            case .end(let time):
                end = time
                return
            }
        }
    }

    init(_ path: String) throws {
        var reader = try MediaFileReader(MediaLocation(path))
        try self.init(&reader)
    }

    /// The numbers of `Lavfi.numbered` pictures.
    var numbers: [Int] {
        pictures.map { entry in
            let luma = Int(entry.picture.colour(x: 20, y: 20)?.y ?? 0)
            return (luma - 16 + 4) / 8
        }
    }

    /// When the sound first is louder than `level`, in seconds.
    func onset(above level: Float = 0.1) -> Double? {
        guard let index = sound.firstIndex(where: { abs($0) > level }), let soundStart else { return nil }
        return soundStart.seconds + Double(index) / 48_000
    }
}

/// Now, on the clock that deadlines are given in.
func machineNow() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

/// A TCP port that takes connections and never says a word.
final class MuteListener {
    let port: Int
    private let socket: Int32

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(socket) }
}

/// The error that `body` throws.
func failure(_ body: () throws(MediaFileError) -> Void) -> MediaFileError? {
    do throws(MediaFileError) {
        try body()
        return nil
    } catch {
        return error
    }
}
