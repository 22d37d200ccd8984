/// What this process takes of the machine, by the names that all of Prometheus' clients use.
package struct ProcessUsage: Hashable, Sendable {
    package let cpuSeconds: Double
    package let residentBytes: Double
    package let virtualBytes: Double
    /// Unix time; `nil`: not known.
    package let startTimeSeconds: Double?
    package let openFiles: Int?
    /// `nil`: unlimited, or not known.
    package let mostOpenFiles: Int?

    /// From the texts of the kernel (proc(5)); `nil` if the first of them can't be read.
    ///
    /// - Parameters:
    ///   - stat: `/proc/self/stat`.
    ///   - limits: `/proc/self/limits`.
    ///   - systemStat: `/proc/stat`, for the time the machine was started.
    ///   - openFiles: the entries of `/proc/self/fd`.
    ///   - ticksPerSecond: `sysconf(_SC_CLK_TCK)`.
    ///   - pageBytes: `sysconf(_SC_PAGESIZE)`.
    package init?(
        stat: String, limits: String = "", systemStat: String = "", openFiles: Int? = nil, ticksPerSecond: Int = 100,
        pageBytes: Int = 4096
    ) {
        // The name of the program may hold blanks and brackets: what follows the last bracket is counted from field 3.
        guard let end = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let pages = field(24)
        else { return nil }
        let ticks = Double(ticksPerSecond)
        cpuSeconds = (user + system) / ticks
        virtualBytes = virtual
        residentBytes = pages * Double(pageBytes)
        startTimeSeconds = Self.number(after: "btime", in: systemStat).map { Double($0) + start / ticks }
        mostOpenFiles = Self.number(after: "Max open files", in: limits)
        self.openFiles = openFiles
    }

    /// The first word after `key` at the start of a line.
    private static func number(after key: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            return line.dropFirst(key.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
        }
        return nil
    }

    func add(to page: inout MetricPage) {
        page.family("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.") {
            $0.add([], cpuSeconds)
        }
        page.family("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.") {
            $0.add([], residentBytes)
        }
        page.family("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.") {
            $0.add([], virtualBytes)
        }
        page.family("process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.") {
            $0.add([], startTimeSeconds)
        }
        page.family("process_open_fds", .gauge, "Number of open file descriptors.") {
            $0.add([], openFiles.map(Double.init))
        }
        page.family("process_max_fds", .gauge, "Maximum number of open file descriptors.") {
            $0.add([], mostOpenFiles.map(Double.init))
        }
    }
}
