import ConsoleFuzzTargets
import FuzzTargets
import Testing

/// As the targets of RTP, what operators write. One after the other with those: one thread fuzzes at a time.
extension FuzzTests {
    @Test(arguments: FuzzTarget.ofConsole) func `refuses with a reason, whatever is written`(
        target: FuzzTarget
    ) throws {
        var fuzzer = SeededFuzzer(target, corpus: try Corpus.inputs(of: target), seed: 5)
        fuzzer.run(1000)
    }
}
