import Console
import Foundation

extension ProcessUsage {
    /// Of this process, now.
    static var current: ProcessUsage? {
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return ProcessUsage(
            stat: text("/proc/self/stat"), limits: text("/proc/self/limits"), systemStat: text("/proc/stat"),
            openFiles: files, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageBytes: sysconf(Int32(_SC_PAGESIZE)))
    }
}
