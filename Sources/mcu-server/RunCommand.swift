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
        let environment = ProcessInfo.processInfo.environment
        let configuration = try options.configuration(environment: environment)
        let options = options
        try await Server(configuration: configuration) {
            try options.configuration(environment: environment)
        }.run()
    }
}
