import Benchmark
import Media
import Mixer

/// What pictures and sound cost: a picture of 720p in and out, a composed tick, 20 ms of sound.
@main
struct MixerBenchmarks: BenchmarkRunnerHooks {
    static let size = Size(width: 1280, height: 720)

    static func registerBenchmarks() {
        decoding()
        composing()
        encoding()
        mixing()
        sound()
    }

    /// One picture, one tick or one packet is one sample.
    private static var each: Benchmark.Configuration {
        .init(
            metrics: [.wallClock], warmupIterations: 30, scalingFactor: .one, maxDuration: .seconds(1))
    }

    private static func decoding() {
        Benchmark("decode 720p (ms per picture)", configuration: each) { _, stage in
            stage.decode()
        } setup: {
            try DecodingStage(skipsLoopFilter: false)
        }

        Benchmark("decode 720p without loop filter (ms per picture)", configuration: each) { _, stage in
            stage.decode()
        } setup: {
            try DecodingStage(skipsLoopFilter: true)
        }

        Benchmark("scale 720p to 320x180 (ms per picture)", configuration: each) { _, stage in
            stage.scale()
        } setup: {
            ScalingStage(Size(width: 320, height: 180))
        }
    }

    private static func composing() {
        for (layout, cells) in [("2x2", 4), ("3x3", 9), ("1+12", 13), ("5x5", 25)] {
            for change in ComposingStage.Change.allCases {
                Benchmark("compose \(cells) cells, \(change.rawValue) (ms per tick)", configuration: each) { _, stage in
                    stage.compose()
                } setup: {
                    ComposingStage(layout: layout, change: change)
                }
            }
        }
    }

    private static func encoding() {
        for preset in ["ultrafast", "superfast", "veryfast"] {
            Benchmark("encode 13 cells by \(preset) (ms per picture)", configuration: each) { _, stage in
                stage.encode()
            } setup: {
                try EncodingStage(preset: preset)
            }
        }
    }

    private static func mixing() {
        for sites in [13, 100, 1_000] {
            Benchmark("mix \(sites) sites (µs per tick)", configuration: each) { benchmark, stage in
                stage.fill()
                benchmark.startMeasurement()
                stage.mix()
            } setup: {
                try MixingStage(sites: sites)
            }
        }
        Benchmark("mix and encode 13 sites (µs per tick)", configuration: each) { benchmark, stage in
            stage.fill()
            benchmark.startMeasurement()
            stage.mix()
            stage.encode()
        } setup: {
            try MixingStage(sites: 13)
        }
    }

    private static func sound() {
        Benchmark("decode Opus (µs per 20 ms)", configuration: each) { _, stage in
            stage.decode()
        } setup: {
            try SoundStage()
        }

        Benchmark("encode Opus (µs per 20 ms)", configuration: each) { _, stage in
            stage.encode()
        } setup: {
            try SoundStage()
        }
    }
}
