import FuzzTargets
import Testing

/// Each target with what was found before, and a short run by chance; `make fuzz` runs them long.
@Suite(.serialized) struct RTPFuzzTests {
    @Test(arguments: FuzzTarget.ofRTP) func `keeps its promises whatever comes in`(target: FuzzTarget) throws {
        CrashNote.install(folder: Corpus.folder)
        var fuzzer = SeededFuzzer(target, corpus: try Corpus.inputs(of: target), seed: 3)
        fuzzer.run(target.name == "srtp-unprotect" ? 200 : 3000)
    }
}
