import CFuzzer
import ConsoleFuzzTargets
import FuzzTargets

/// `fuzz list`, `fuzz seeds TARGET FOLDER`, `fuzz run TARGET [libFuzzer's own arguments]`. `scripts/fuzz` calls it.
@main
enum Fuzz {
    // libFuzzer calls a C function, which can hold nothing: the target is chosen once, before it is called.
    nonisolated(unsafe) private static var target: FuzzTarget?

    private static let targets = FuzzTarget.ofRTP + FuzzTarget.ofConsole

    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        switch words.first {
        case "list":
            for target in targets { print(target) }
        case "seeds" where words.count == 3:
            try Corpus.writeSeeds(of: try chosen(words[2]), to: words[3])
        case "run" where words.count >= 2:
            target = try chosen(words[2])
            run()
        default:
            throw UsageError(description: "fuzz list | seeds TARGET FOLDER | run TARGET [ARGUMENT…]")
        }
    }

    private static func chosen(_ name: String) throws -> FuzzTarget {
        guard let target = targets.first(where: { $0.name == name }) else {
            let names = targets.map(\.name).joined(separator: ", ")
            throw UsageError(description: "no target is called \(name); there are \(names)")
        }
        return target
    }

    /// Hands over to libFuzzer, which ends the process. It reads its arguments behind the first word, which is ours.
    private static func run() {
        let (own, name) = (1, 1)
        var count = CommandLine.argc - Int32(own + name)
        var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + own + name
        _ = LLVMFuzzerRunDriver(&count, &values) { data, size in
            Fuzz.target?.run(UnsafeRawBufferPointer(start: data, count: size))
            return 0
        }
    }

    private struct UsageError: Error, CustomStringConvertible {
        let description: String
    }
}
