import Console
import Foundation

/// What is said at the start when a conference is more than this machine holds.
enum CapacityWarning {
    static func words(_ configuration: Configuration) throws -> String? {
        let report: CapacityReport?
        do {
            report = try CapacityReport.read(configuration.server.capacityFile)
        } catch { throw RunFailure("\(error)") }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return CapacityEstimate(of: configuration.plan, cores: cores, measured: report).warning
    }
}
