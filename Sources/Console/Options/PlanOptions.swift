import ArgumentParser
import Foundation

/// The flags that describe a conference: those of `run`, `demo` and `check`.
package struct PlanOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("YAML with the same keys as these flags; flags win over it.", valueName: "file"))
    package var config: String?

    @Option(
        name: .customLong("site"),
        help: ArgumentHelp(
            "A site: id=…,name=…,audio=PORT,video=PORT,to=HOST:PORT and more keys, see below.", valueName: "key=value,…"
        ))
    package var sites: [String] = []
    @Option(
        name: .customLong("uplink"),
        help: ArgumentHelp("A conference above ours; the keys of --site.", valueName: "key=value,…"))
    package var uplinks: [String] = []
    @Option(
        name: .customLong("downlink"),
        help: ArgumentHelp("A conference below ours; the keys of --site.", valueName: "key=value,…"))
    package var downlinks: [String] = []
    @Option(
        name: .customLong("program"),
        help: ArgumentHelp(
            "What some sites see and hear: id=…,to=ID+ID,layout=…,sound=all|none|ID+ID,size=…,fps=…,fit=….",
            valueName: "key=value,…"))
    package var programs: [String] = []

    @Option(help: ArgumentHelp("The room's layout: a name or a drawing, see \"mcu-server layouts\". (default: auto)"))
    package var layout: String?
    @Option(help: ArgumentHelp("The canvas, and what each site is sent. (default: 1280x720)", valueName: "WxH"))
    package var size: String?
    @Option(help: ArgumentHelp("Pictures per second. (default: 30)", valueName: "number"))
    package var fps: String?
    @Option(help: ArgumentHelp("How pictures are fitted into cells: letterbox or crop. (default: letterbox)"))
    package var fit: String?
    @Option(help: ArgumentHelp("Of the picture to each site. (default: 1500k)", valueName: "bitrate"))
    package var videoBitrate: String?
    @Option(help: ArgumentHelp("Of the sound to each site. (default: 48k)", valueName: "bitrate"))
    package var audioBitrate: String?
    @Option(help: ArgumentHelp("Longest between keyframes for who gives no feedback. (default: 4s)", valueName: "time"))
    package var gop: String?
    @Option(help: ArgumentHelp("How many of the loudest sites are mixed. (default: 4)", valueName: "number"))
    package var loudest: String?
    @Option(help: ArgumentHelp("An x264 preset, or auto: the best this machine can hold. (default: auto)"))
    package var preset: String?
    @Option(
        help: ArgumentHelp(
            "An encoder of libavcodec by name, for every picture. (default: the best for each codec)", valueName: "name"
        ))
    package var encoder: String?
    @Option(help: ArgumentHelp("Who has the lecture from the start.", valueName: "id"))
    package var lecturer: String?
    @Option(
        help: ArgumentHelp(
            "The hub room: shown upwards while nobody speaks, and in the place of a dead uplink. (default: the first site)",
            valueName: "id"))
    package var hub: String?

    @Option(help: ArgumentHelp("The local address of the media ports. (default: 0.0.0.0)", valueName: "address"))
    package var bind: String?
    @Option(
        name: .customLong("dscp-audio"),
        help: ArgumentHelp("The DSCP of sound, 0 to 63. (default: 46)", valueName: "number"))
    package var audioDSCP: String?
    @Option(
        name: .customLong("dscp-video"),
        help: ArgumentHelp("The DSCP of pictures, 0 to 63. (default: 34)", valueName: "number"))
    package var videoDSCP: String?
    @Option(
        help: ArgumentHelp(
            "Where the HTTP API listens, or off. Off the loopback it needs a token. (default: 127.0.0.1:8080)",
            valueName: "host:port"))
    package var http: String?
    @Option(
        help: ArgumentHelp(
            "The certificate of the HTTP API, which is https then: PEM, then those that vouch for it.",
            valueName: "file"))
    package var tlsCertificate: String?
    @Option(help: ArgumentHelp("The certificate's private key: PEM.", valueName: "file"))
    package var tlsKey: String?
    @Option(help: ArgumentHelp("What HTTP requests must bring. Better set as MCU_TOKEN: others can see flags."))
    package var token: String?
    @Option(
        name: .customLong("access"),
        help: ArgumentHelp(
            "A way in: name=…,role=viewer|operator|administrator,token=TOKEN|@FILE. --token is an administrator's.",
            valueName: "key=value,…"))
    package var access: [String] = []
    @Option(
        help: ArgumentHelp("A file that gets a line of JSON for whatever somebody did at the API.", valueName: "file"))
    package var auditLog: String?
    @Option(help: ArgumentHelp("A folder that gets the recordings.", valueName: "folder"))
    package var recordDir: String?
    @Option(help: ArgumentHelp("A folder with the files that operators may play.", valueName: "folder"))
    package var mediaDir: String?
    @Option(
        help: ArgumentHelp("A folder that gets one ID.sdp per site, for players there to open.", valueName: "folder"))
    package var sdpDir: String?
    @Option(
        help: ArgumentHelp(
            "A file that keeps streams and arrangement over a restart; nobody is told goodbye then.", valueName: "file")
    )
    package var stateFile: String?
    @Option(
        help: ArgumentHelp(
            "What \"mcu-server capacity\" wrote of this machine: the conference is compared with it.", valueName: "file"
        ))
    package var capacity: String?
    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level"))
    package var logLevel: String?
    @Option(help: ArgumentHelp("text or json, one event a line. (default: text)", valueName: "format"))
    package var logFormat: String?

    package init() {}

    /// What the flags say.
    ///
    /// - Throws: the lists that aren't `KEY=VALUE,…`.
    package func layer() throws(Refusals) -> ConfigurationLayer {
        var layer = ConfigurationLayer()
        for (key, value) in general {
            layer.settings[key] = value.map { Field(key: key.rawValue, value: $0, origin: .flag(key.flag)) }
        }
        var refusals = Refusals()
        for (collection, texts) in lists {
            for (index, text) in texts.enumerated() {
                let origin = Origin.flag(collection.flag, position: index + 1)
                do {
                    layer.specifications.append(try Specification(collection: collection, origin: origin, text: text))
                } catch {
                    refusals.add(error)
                }
            }
        }
        guard refusals.isEmpty else { throw refusals }
        return layer
    }

    /// The whole configuration: flags over `environment` over the config file over our defaults.
    package func configuration(environment: [String: String]) throws(Refusals) -> Configuration {
        let flags = try layer()
        var layers: [ConfigurationLayer] = []
        if let config { layers.append(try ConfigurationFile.read(path: config)) }
        layers += [ConfigurationLayer(environment: environment), flags]
        return try PlanBuilder.build(layers)
    }

    /// The whole configuration of a command line, as if it had been typed after `run`.
    ///
    /// - Throws: `Refusals`, or the parser's own error for words that are no flag of ours.
    package static func configuration(
        flags: [String], environment: [String: String] = [:]
    ) throws -> Configuration {
        try parse(flags).configuration(environment: environment)
    }

    private var lists: [(Specification.Collection, [String])] {
        [(.sites, sites), (.uplinks, uplinks), (.downlinks, downlinks), (.programs, programs), (.access, access)]
    }

    private var general: [(GeneralKey, String?)] {
        GeneralKey.allCases.map { ($0, value(of: $0)) }
    }

    private func value(of key: GeneralKey) -> String? {
        switch key {
        case .layout: layout
        case .size: size
        case .fps: fps
        case .fit: fit
        case .videoBitrate: videoBitrate
        case .audioBitrate: audioBitrate
        case .gop: gop
        case .loudest: loudest
        case .preset: preset
        case .encoder: encoder
        case .lecturer: lecturer
        case .hub: hub
        case .bind: bind
        case .audioDSCP: audioDSCP
        case .videoDSCP: videoDSCP
        case .http: http
        case .token: token
        case .auditLog: auditLog
        case .recordDirectory: recordDir
        case .mediaDirectory: mediaDir
        case .certificate: tlsCertificate
        case .certificateKey: tlsKey
        case .sdpDirectory: sdpDir
        case .stateFile: stateFile
        case .capacity: capacity
        case .logLevel: logLevel
        case .logFormat: logFormat
        }
    }
}
