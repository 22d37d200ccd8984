import Console
import Foundation

extension ProcessUsage {
    /// Of this process, now.
    static var current: ProcessUsage? { of("self") }

    /// Of a process by its id, now; `nil`: there is none.
    static func of(_ process: String) -> ProcessUsage? {
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        return ProcessUsage(
            stat: text("/proc/\(process)/stat"), limits: text("/proc/\(process)/limits"),
            systemStat: text("/proc/stat"),
            openFiles: files, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageBytes: sysconf(Int32(_SC_PAGESIZE)))
    }
}
