import Benchmark
import Media
import RTP
import SyntheticMedia

/// What a packet costs, in and out. The stream is 720p at 30/s and 1.5 Mbit/s: six or seven FU-A packets a picture.
@main
struct RTPBenchmarks: BenchmarkRunnerHooks {
    static func registerBenchmarks() {
        incoming()
        outgoing()
    }

    /// A thousand packets are one sample: the clock is read twice for them.
    private static var perPacket: Benchmark.Configuration {
        .init(
            metrics: [.wallClock], warmupIterations: 5, scalingFactor: .kilo, maxDuration: .seconds(1))
    }

    private static func incoming() {
        Benchmark("parse a header (ns per packet)", configuration: perPacket) { benchmark, line in
            let datagram = line.datagram()
            for _ in benchmark.scaledIterations { blackHole(RTPHeader(parsing: datagram)) }
        } setup: {
            try PictureLine()
        }

        Benchmark("session: receive (ns per packet)", configuration: perPacket) { benchmark, line in
            for _ in benchmark.scaledIterations { line.admit() }
        } setup: {
            try PictureLine()
        }

        Benchmark("H.264 FU-A: reorder, depacketize (ns per packet)", configuration: perPacket) { benchmark, line in
            for _ in benchmark.scaledIterations { line.assemble() }
        } setup: {
            try PictureLine()
        }

        Benchmark("session, reorder, depacketize (ns per packet)", configuration: perPacket) { benchmark, line in
            for _ in benchmark.scaledIterations { line.receive() }
        } setup: {
            try PictureLine()
        }

        Benchmark("sound: jitter buffer in and out (ns per packet)", configuration: perPacket) { benchmark, line in
            for _ in benchmark.scaledIterations { line.receive() }
        } setup: {
            SoundLine()
        }
    }

    private static func outgoing() {
        Benchmark("H.264 FU-A: packetize (ns per packet)", configuration: perPacket) { benchmark, line in
            line.packetize(benchmark.configuration.scalingFactor.rawValue)
        } setup: {
            try SendingLine()
        }

        Benchmark("header of a receiver (ns per packet)", configuration: perPacket) { benchmark, line in
            for _ in benchmark.scaledIterations { line.number() }
        } setup: {
            try SendingLine()
        }
    }
}
