import ConsoleFuzzTargets
import FuzzTargets
import Testing

/// As `RTPFuzzTests`, of what operators write.
@Suite(.serialized) struct ConsoleFuzzTests {
    @Test(arguments: FuzzTarget.ofConsole) func `refuses with a reason, whatever is written`(
        target: FuzzTarget
    ) throws {
        CrashNote.install(folder: Corpus.folder)
        var fuzzer = SeededFuzzer(target, corpus: try Corpus.inputs(of: target), seed: 5)
        fuzzer.run(1000)
    }
}
