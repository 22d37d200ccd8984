import ArgumentParser
import Console
import Foundation

/// The program. Exit codes: 0; 1 a run failed; 2 a flag is wrong; 78 the configuration is (`EX_CONFIG`).
@main
struct MCUServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcu-server",
        abstract:
            "A video-conference bridge: RTP in from every site, one composed picture and one clean mix out to each.",
        discussion: """
            EXAMPLES
              mcu-server run --config /etc/mcu-server/mcu-server.yaml
              mcu-server check --config /etc/mcu-server/mcu-server.yaml
              mcu-server layouts 1+5
              mcu-server ctl layout 1+5

            EXIT CODES
              0 all went well; 1 it failed while running; 2 a flag is wrong; 78 the config file is wrong.
            """,
        version: version,
        subcommands: [
            RunCommand.self, DemoCommand.self, CheckCommand.self, LayoutsCommand.self, CtlCommand.self,
            CapacityCommand.self,
        ],
        defaultSubcommand: RunCommand.self)

    static let version = "0.5"

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Says what went wrong, and ends the program with the code for it.
    private static func end(with error: any Error) -> Never {
        switch error {
        case let refusals as Refusals:
            Terminal.complain("\(refusals)")
            Foundation.exit(refusals.exitCode)
        case let refusal as Refusal:
            Terminal.complain("\(Refusals([refusal]))")
            Foundation.exit(Refusals([refusal]).exitCode)
        case let failure as RunFailure:
            Terminal.complain("mcu-server: \(failure)")
            Foundation.exit(1)
        case let code as ExitCode:
            Foundation.exit(code.rawValue)
        default:
            endParsing(with: error)
        }
    }

    /// Help and version end well; what the parser refuses is a wrong flag.
    private static func endParsing(with error: any Error) -> Never {
        let text = fullMessage(for: error)
        switch exitCode(for: error) {
        case .success:
            print(text)
            Foundation.exit(0)
        case .validationFailure:
            Terminal.complain(text.replacing("Error: ", with: "mcu-server: ", maxReplacements: 1))
            Foundation.exit(2)
        default:
            Terminal.complain("mcu-server: \(error)")
            Foundation.exit(1)
        }
    }
}

/// What kept the program from going on, as a sentence for the operator; exit code 1.
struct RunFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
