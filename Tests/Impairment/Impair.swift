import Foundation
import Glibc
import Media
import Synchronization
import TestSupport

/// The flags of `impair`.
struct Flags {
    var routes: [RouteSpecification] = []
    var script = ImpairmentScript()
    var control: SocketAddress?
    var report: String?
    var seconds = 86_400.0

    static let usage = """
        impair: a relay that makes the loopback a bad line.

          impair --route ROUTE … [--script FILE] [--control HOST:PORT] [--report FILE] [--seconds N]

        ROUTE
        \(indented(RouteSpecification.help))
          and what its line does, both ways; with back- or there- in front, one way:
        \(indented(LineSettings.help))

        COMMANDS, on standard input, as datagrams to --control, and in --script with a time in seconds in front
        \(indented(ImpairmentCommand.help))

        At the end (SIGTERM, SIGINT, --seconds) it writes a report in JSON, to --report or standard output.
        """

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    }

    init(_ words: [String]) throws(ImpairmentError) {
        var rest = words[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw ImpairmentError(description: "\(flag): expected a value; --help says which")
            }
            switch flag {
            case "--route": routes.append(try RouteSpecification(value))
            case "--script":
                guard let text = try? String(contentsOfFile: value, encoding: .utf8) else {
                    throw ImpairmentError(description: "\(value): can't be read")
                }
                script = try ImpairmentScript(text)
            case "--control":
                guard let address = SocketAddress(value) else {
                    throw ImpairmentError(description: "--control \(value): expected HOST:PORT, in numbers")
                }
                control = address
            case "--report": report = value
            case "--seconds":
                guard let seconds = Double(value), (0...86_400).contains(seconds) else {
                    throw ImpairmentError(description: "--seconds \(value): expected 0 to 86400")
                }
                self.seconds = seconds
            default: throw ImpairmentError(description: "\(flag): unknown flag; --help tells them")
            }
        }
        guard !routes.isEmpty else { throw ImpairmentError(description: "expected --route; --help tells more") }
    }
}

@main
enum Impair {
    private static let isOver = Atomic<Bool>(false)

    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") || words.contains("-h") {
            print(Flags.usage)
            return
        }
        do throws(ImpairmentError) {
            let flags = try Flags(words)
            for number in [SIGTERM, SIGINT] { signal(number) { _ in Impair.isOver.store(true, ordering: .relaxed) } }
            let relay = try Relay(
                flags.routes, script: flags.script, control: flags.control, commandInput: STDIN_FILENO)
            let end = Relay.now + Interval(nanoseconds: Int64(flags.seconds * 1e9))
            FileHandle.standardError.write(Data("impair: ready\n".utf8))
            while !isOver.load(ordering: .relaxed), Relay.now < end {
                relay.step(patience: min(.milliseconds(100), max(.zero, end - Relay.now)))
            }
            try write(relay.report.json + "\n", to: flags.report)
        } catch {
            error.tell()
            exit(2)
        }
    }

    private static func write(_ text: String, to path: String?) throws(ImpairmentError) {
        guard let path else { return print(text, terminator: "") }
        do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
            throw ImpairmentError(description: "\(path): can't be written")
        }
    }
}
