import Conference
import Media

/// How much the log tells; the words of swift-log.
package enum LogLevel: String, Hashable, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

package enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// One line of `key=value` words an event.
    case text
    /// One JSON object a line.
    case json
}

/// The PEM files that the HTTP API proves itself with.
package struct CertificateFiles: Hashable, Sendable {
    /// The certificate, then those that vouch for it.
    package var certificate: String
    /// Its private key.
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// What the server around the conference needs to know, checked.
package struct ServerSettings: Hashable, Sendable {
    /// Where the HTTP API listens; `nil`: there is none.
    package var http: HostPort?
    /// `nil`: the HTTP API is without TLS.
    package var certificate: CertificateFiles?
    /// What HTTP requests must bring as `Authorization: Bearer TOKEN`; `nil`: nothing. Never `nil` off the loopback.
    package var token: String?
    /// Who else may use the API, and for what.
    package var access: [Access]
    /// The file that says who did what when, one line of JSON each; `nil`: none does.
    package var auditLog: String?
    package var presets: [Preset]
    /// The folder that gets the recordings; `nil`: nothing can be recorded into files.
    package var recordDirectory: String?
    /// The folder with the files that operators may play; `nil`: there is none.
    package var mediaDirectory: String?
    /// What holds for sites that are added while the bridge runs.
    package var newSites: NewSites
    /// The folder that gets one `ID.sdp` for each site; `nil`: none is written.
    package var sdpDirectory: String?
    /// The file that keeps streams and arrangement over a restart; `nil`: every start is a new one.
    package var stateFile: String?
    /// What was measured of this machine (`CapacityReport`); `nil`: it is estimated.
    package var capacityFile: String?
    package var logLevel: LogLevel
    package var logFormat: LogFormat

    package init(
        http: HostPort?, certificate: CertificateFiles? = nil, token: String? = nil, access: [Access] = [],
        auditLog: String? = nil, presets: [Preset] = [], recordDirectory: String? = nil, mediaDirectory: String? = nil,
        newSites: NewSites = NewSites(),
        sdpDirectory: String? = nil, stateFile: String? = nil, capacityFile: String? = nil, logLevel: LogLevel = .info,
        logFormat: LogFormat = .text
    ) {
        self.http = http
        self.certificate = certificate
        self.token = token
        self.access = access
        self.auditLog = auditLog
        self.presets = presets
        self.recordDirectory = recordDirectory
        self.mediaDirectory = mediaDirectory
        self.newSites = newSites
        self.sdpDirectory = sdpDirectory
        self.stateFile = stateFile
        self.capacityFile = capacityFile
        self.logLevel = logLevel
        self.logFormat = logFormat
    }
}

/// The bitrates of a site that is added while the bridge runs and says none.
package struct NewSites: Hashable, Sendable {
    package var videoBitrate: Bitrate
    package var audioBitrate: Bitrate

    package init(
        videoBitrate: Bitrate = Bitrate(bitsPerSecond: 1_500_000),
        audioBitrate: Bitrate = Bitrate(bitsPerSecond: 48_000)
    ) {
        self.videoBitrate = videoBitrate
        self.audioBitrate = audioBitrate
    }
}

/// All that flags, environment and config file come to: what to run and how to serve it.
package struct Configuration: Hashable, Sendable {
    package var plan: ConferencePlan
    package var server: ServerSettings

    package init(plan: ConferencePlan, server: ServerSettings) {
        self.plan = plan
        self.server = server
    }
}
