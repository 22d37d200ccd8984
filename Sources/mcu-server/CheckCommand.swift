import ArgumentParser
import Conference
import Console
import Foundation
import Glibc
import Media
import Mixer

/// Validates a configuration and prints what the bridge would do with it.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the configuration and print the plan: sites, programs, encode groups, CPU.",
        discussion: """
            Takes the flags of "run", and says all that is wrong with them in one go. The ports are tried and released;
            while the bridge runs they are its own: then say --no-ports.

            EXAMPLES
              mcu-server check --config mcu-server.yaml
              mcu-server check --config mcu-server.yaml --layout 1+5 --no-ports

            EXIT CODES
              0 the bridge can run; 1 a port, an address or an encoder can't be had on this machine; 2 a flag is wrong;
              78 the config file is wrong.
            """)

    @OptionGroup(title: "The conference") var options: PlanOptions
    @Flag(inversion: .prefixedNo, help: "Try whether the ports are free.") var ports = true

    func run() async throws {
        let configuration = try options.configuration(environment: ProcessInfo.processInfo.environment)
        print(PlanReport(configuration).lines.joined(separator: "\n"))
        if let warning = try CapacityWarning.words(configuration) {
            Terminal.complain("mcu-server: \(warning)")
        }
        let faults = EncoderCheck.faults(in: configuration.plan) + (ports ? portFaults(configuration.plan) : [])
        for fault in faults { Terminal.complain("mcu-server: \(fault)") }
        if !faults.isEmpty { throw ExitCode(1) }
    }

    private func portFaults(_ plan: ConferencePlan) -> [String] {
        var faults: [String] = []
        for site in plan.sites {
            for (medium, port) in [("audio", site.audio?.port), ("video", site.video?.port)] {
                guard let port else { continue }
                for number in [port, port + 1] {
                    guard let reason = Self.tryPort(number, at: plan.bindAddress) else { continue }
                    faults.append(
                        "site \(site.id): \(medium)=\(port): UDP port \(plan.bindAddress):\(number): \(reason)")
                }
            }
        }
        return faults
    }

    /// Binds the port and releases it; what the kernel says if it can't be had.
    private static func tryPort(_ port: Int, at address: String) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var local = sockaddr_in()
        local.sin_family = sa_family_t(AF_INET)
        local.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, address, &local.sin_addr)
        let result = withUnsafePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? nil : String(cString: strerror(errno))
    }
}
