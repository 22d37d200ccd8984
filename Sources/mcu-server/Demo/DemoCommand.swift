import ArgumentParser
import Console

/// Shows the bridge at work on this machine alone.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the bridge at work with sites made up on this machine.",
        discussion: """
            Starts the bridge as you would, and the thirteen sites of a province as endpoints: each sends a moving
            picture with its name and a voice, and receives what the bridge sends it. They speak in turn, 3 s each.
            You see a live table; out/demo/ gets a picture of each program every few seconds, a film of what Huyện ủy
            Gia Bình received, and a report of who heard whom. A full round takes 42 s.

            The sites are the demo's own. --layout, --size, --fps, --preset and the like go to the bridge.

            EXAMPLES
              make demo
              make demo ARGS="--seconds 60"
              mcu-server demo --layout 1+12 --seconds 30

            EXIT CODES
              0 all went well; 1 the bridge ended, a site was never seen or heard, or the mix was wrong; 2 a flag is wrong.
            """)

    @OptionGroup(title: "The conference") var options: PlanOptions
    @Option(help: ArgumentHelp("End after so long. (default: when you press Ctrl-C)", valueName: "number"))
    var seconds: Int?

    func run() async throws {
        if let seconds, !(1...86_400 * 365).contains(seconds) {
            throw Refusal(
                origin: .flag("--seconds"), key: "--seconds", value: "\(seconds)",
                expected: "a whole number of seconds from 1")
        }
        try await Demo(DemoStage(options), seconds: seconds).run()
    }
}
