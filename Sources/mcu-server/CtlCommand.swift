import ArgumentParser
import Console
import Foundation

/// Speaks to a running bridge.
struct CtlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctl",
        abstract: "Speak to a running bridge: layouts, muting, gain, the lecture, a live table.",
        discussion: """
            COMMANDS
            \(ControlRequest.forms.map { "  \($0.form)\n      \($0.meaning)" }.joined(separator: "\n"))

            EXAMPLES
              mcu-server ctl layout 1+5
              mcu-server ctl layout "A A speaker / A A gia-binh / * * *" --program return
              mcu-server ctl gain gia-binh -6
              MCU_TOKEN=… mcu-server ctl --url https://bridge.lan:8443 watch

            EXIT CODES
              0 done; 1 the bridge refused, or doesn't answer; 2 the command is wrong.
            """)

    @Option(help: "The bridge's --http address.") var url = "http://127.0.0.1:8080"
    @Option(help: "The bridge's token. (default: MCU_TOKEN of the environment)") var token: String?
    @Option(help: ArgumentHelp("With layout: the program that gets it. (default: room)", valueName: "id"))
    var program: String?
    // Everything unknown is taken as a word: a gain of -6 is no flag.
    @Argument(parsing: .allUnrecognized, help: ArgumentHelp("The command and its words.", valueName: "command"))
    var words: [String] = []

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment["MCU_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        let client = try BridgeClient(url: url, token: token ?? environment)
        do {
            if words == ["watch"] {
                try await watch(client)
            } else if words == ["roll-call"] {
                for line in RollCallTable(try await client.rollCall()).lines { print(line) }
            } else if words == ["line-check"] {
                try await checkLines(client)
            } else if words == ["attendance"] {
                print(try await client.text("v1/attendance.csv"), terminator: "")
            } else if words == ["take"] || words == ["undo"] {
                print(try await client.send([], to: "v1/\(words[0])"))
            } else if words.first == "stage" {
                let text = words.dropFirst().joined(separator: " ")
                print(try await client.send(try ControlRequest.list(text == "none" ? "" : text), to: "v1/staged"))
            } else {
                print(try await client.send(try ControlRequest(words: words, program: program)))
            }
        } catch let failure as BridgeClient.Failure {
            throw RunFailure(failure.description)
        }
    }

    /// Has all lines checked, and prints what came of it.
    private func checkLines(_ client: BridgeClient) async throws {
        _ = try await client.send([], to: "v1/line-check")
        while let progress = try await client.lineCheckProgress() {
            if Terminal.isInteractive { Terminal.write("\r\(Int(progress * 100)) %\u{1B}[K") }
            try await Task.sleep(for: .milliseconds(500))
        }
        if Terminal.isInteractive { Terminal.write("\r\u{1B}[K") }
        print(try await client.text("v1/line-check.txt"), terminator: "")
    }

    /// Draws the table once a second until the bridge goes away or the operator does.
    private func watch(_ client: BridgeClient) async throws {
        if Terminal.isInteractive { Terminal.write("\u{1B}[2J") }
        while true {
            Terminal.draw(StatusTable(try await client.report()).lines)
            try await Task.sleep(for: .seconds(1))
        }
    }
}
