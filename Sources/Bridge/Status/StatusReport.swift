/// All that a running bridge says of itself: the body of `GET /stats`. Counters count from the bridge's start.
package struct StatusReport: Codable, Hashable, Sendable {
    /// Seconds since the bridge started.
    package var uptimeSeconds: Double
    /// In the operator's order.
    package var sites: [SiteStatus]
    /// The room first.
    package var programs: [ProgramStatus]
    package var encodeGroups: [EncodeGroupStatus]
    package var governor: GovernorStatus
    package var audio: AudioMixStatus

    package init(
        uptimeSeconds: Double = 0, sites: [SiteStatus] = [], programs: [ProgramStatus] = [],
        encodeGroups: [EncodeGroupStatus] = [], governor: GovernorStatus = GovernorStatus(),
        audio: AudioMixStatus = AudioMixStatus()
    ) {
        self.uptimeSeconds = uptimeSeconds
        self.sites = sites
        self.programs = programs
        self.encodeGroups = encodeGroups
        self.governor = governor
        self.audio = audio
    }

    private enum CodingKeys: String, CodingKey {
        case sites, programs, audio, governor
        case uptimeSeconds = "uptime_seconds"
        case encodeGroups = "encode_groups"
    }
}

/// What gives way while the machine is overloaded.
package struct GovernorStatus: Codable, Hashable, Sendable {
    /// `none`, or the last of what gives way: `loop-filter`, `preset`, `frame-rate`, `size`.
    package var givesWay: String
    /// Steps down and up so far.
    package var gaveWay: Int
    package var tookBack: Int

    package init(givesWay: String = "none", gaveWay: Int = 0, tookBack: Int = 0) {
        self.givesWay = givesWay
        self.gaveWay = gaveWay
        self.tookBack = tookBack
    }

    private enum CodingKeys: String, CodingKey {
        case givesWay = "gives_way"
        case gaveWay = "gave_way"
        case tookBack = "took_back"
    }
}

/// The 20 ms beat of the mix.
package struct AudioMixStatus: Codable, Hashable, Sendable {
    package var ticks: Int
    /// Ticks that began too late to be on time.
    package var lateTicks: Int
    /// Microseconds of work a tick.
    package var tickUsMean: Double
    package var tickUsMax: Double
    /// Encodes done, all mixes together.
    package var encodes: Int

    package init(
        ticks: Int = 0, lateTicks: Int = 0, tickUsMean: Double = 0, tickUsMax: Double = 0, encodes: Int = 0
    ) {
        self.ticks = ticks
        self.lateTicks = lateTicks
        self.tickUsMean = tickUsMean
        self.tickUsMax = tickUsMax
        self.encodes = encodes
    }

    private enum CodingKeys: String, CodingKey {
        case ticks, encodes
        case lateTicks = "late_ticks"
        case tickUsMean = "tick_us_mean"
        case tickUsMax = "tick_us_max"
    }
}
