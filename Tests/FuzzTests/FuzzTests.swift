import FuzzTargets
import Testing

/// Each target with what was found before, and a short run by chance; `make fuzz` runs them long.
@Suite(.serialized) struct FuzzTests {
    @Test(arguments: FuzzTarget.ofRTP) func `keeps its promises whatever comes in`(target: FuzzTarget) throws {
        var fuzzer = SeededFuzzer(target, corpus: try Corpus.inputs(of: target), seed: 3)
        // Each of its inputs makes keys.
        fuzzer.run(target.name == FuzzTarget.srtpUnprotect.name ? 200 : 3000)
    }
}
