import ArgumentParser
import Console
import Foundation

/// Runs the bridge until SIGTERM or SIGINT.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the bridge (the default).",
        discussion: ConfigurationHelp.text)

    @OptionGroup(title: "The conference") var options: PlanOptions

    func run() async throws {
        let configuration = try options.configuration(environment: ProcessInfo.processInfo.environment)
        try await Server(configuration: configuration).run()
    }
}
