import Conference
import Media
import RTP

/// One site or link as the operator wrote it, read:
/// `id=gia-binh,name=Huyện ủy Gia Bình,audio=5004,video=5006,to=10.20.3.10:5004`.
package enum SiteSpecification {
    package static let keys =
        [
            "id", "name", "audio", "video", "to", "audio-to", "video-to", "from", "sdp", "video-codec", "audio-codec",
            "size", "fps", "video-bitrate", "audio-bitrate", "layout", "profile", "packetization-mode", "gain", "mute",
            "rtcp-mux", "fit", "adapt", "jitter", "ptime", "backup", "audio-level", "play", "loop",
        ] + slidesKeys + SecondLineSpecification.keys + RepairSpecification.keys + SecuritySpecification.keys

    static let slidesKeys = ["slides", "slides-to", "slides-size", "slides-fps", "slides-bitrate"]

    /// What holds for a site that says nothing of its own: its program's size and rate, the conference's bitrates.
    package struct Standard: Hashable, Sendable {
        package var program: ProgramPlan
        package var videoBitrate: Bitrate
        package var audioBitrate: Bitrate

        package init(program: ProgramPlan, videoBitrate: Bitrate, audioBitrate: Bitrate) {
            self.program = program
            self.videoBitrate = videoBitrate
            self.audioBitrate = audioBitrate
        }
    }

    /// Reads `reader`'s specification.
    ///
    /// - Parameters:
    ///   - id: its id, read before: programs name sites before the sites are read.
    ///   - sites: every site of the conference.
    /// - Returns: the site, and its slides if it has any; nothing if anything was refused.
    package static func read(
        _ reader: inout SpecificationReader, id: SiteID, standard: Standard, sites: [SiteID]
    ) -> [SitePlan] {
        reader.refuseUnknown(besides: keys)
        if reader.has("play") || reader.has("loop") {
            return [readPlayer(&reader, id: id, sites: sites)].compactMap(\.self)
        }
        let name = reader.read("name", as: .name)
        let description = reader.readDescription()
        let destinations = reader.readDestinations()
        let isMultiplexed = reader.read("rtcp-mux", as: .truth)
        let secondLine = SecondLineSpecification(&reader)
        let security = SecuritySpecification(&reader)
        var audio = reader.readAudio(description?.audio, to: destinations.audio, isMultiplexed, standard)
        audio?.secondLine = secondLine.audio(description?.audio?.secondPort)
        if audio != nil { audio?.security = security.plan(description?.audio?.security, &reader) }
        let repair = RepairSpecification(&reader)
        var video = reader.readVideo(description?.video, to: destinations.video, isMultiplexed, standard, repair)
        video?.secondLine = secondLine.video(description?.video?.secondPort)
        if video != nil { video?.security = security.plan(description?.video?.security, &reader) }
        var slides = reader.readSlides(description?.slides, like: video, repair)
        if slides != nil { slides?.security = security.plan(description?.slides?.security, &reader) }
        let isSomewhere = destinations.audio != nil || destinations.video != nil
        let source = reader.readSource(description, hasDestination: isSomewhere)
        let layout = reader.readLayout("layout", sites: Set(sites))
        let gain = reader.read("gain", as: .gain)
        let isMuted = reader.read("mute", as: .truth)
        let fit = reader.read("fit", as: ValueForm<Fit>.word)
        let backupOf = reader.read("backup", as: ValueForm("the id of a link") { SiteID($0) })
        if audio == nil, video == nil, reader.refusals.isEmpty {
            reader.refuse(
                "audio", expected: "audio=PORT, video=PORT or sdp=FILE: where its packets come in; or play=FILE or URL")
        }
        let slidesID = SitePlan.slidesID(of: id)
        if slides != nil, slidesID == nil { reader.refuse("slides", expected: "an id of at most 25 letters with it") }
        guard reader.refusals.isEmpty, let source else { return [] }
        let site = SitePlan(
            id: id, name: name ?? id.rawValue, kind: reader.specification.collection.kind, source: source, audio: audio,
            video: video, layout: layout, fit: fit, gain: gain ?? 0, isMuted: isMuted ?? false,
            backupOf: backupOf)
        guard let slides, let slidesID else { return [site] }
        return [site, SitePlan(slidesID, slidesOf: site, slides)]
    }
}

extension SiteSpecification {
    /// What a site that plays something may say besides.
    private static let playerKeys = ["id", "name", "play", "loop", "fit", "gain", "mute"]

    /// A site that is a file or a URL: `id=phim,name=Phim tài liệu,play=opening.mp4,loop=yes`.
    private static func readPlayer(_ reader: inout SpecificationReader, id: SiteID, sites: [SiteID]) -> SitePlan? {
        for key in keys where !playerKeys.contains(key) && reader.has(key) {
            reader.refuse(key, expected: "no such key with play: what is played has no ports and is sent nothing")
        }
        if reader.specification.collection != .sites {
            reader.refuse("play", expected: "it of a site: a link is a conference")
        }
        let name = reader.read("name", as: .name)
        let gain = reader.read("gain", as: .gain)
        let isMuted = reader.read("mute", as: .truth)
        let fit = reader.read("fit", as: ValueForm<Fit>.word)
        let repeats = reader.read("loop", as: .truth)
        guard let field = reader.specification["play"] else {
            reader.refuse("loop", expected: "play=FILE or URL with it")
            return nil
        }
        var player: PlayerPlan?
        if field.value != "none" {
            let isURL = field.value.contains("://")
            player = PlayerPlan(
                location: isURL ? field.value : reader.path(field.value, in: field), repeats: repeats ?? false)
        }
        if field.value.isEmpty { reader.refuse(field, expected: "a file, a URL such as rtsp://HOST/PATH, or none") }
        guard reader.refusals.isEmpty else { return nil }
        return SitePlan(
            id: id, name: name ?? id.rawValue, audio: nil, video: nil, player: player, isPlayer: true, fit: fit,
            gain: gain ?? 0, isMuted: isMuted ?? false)
    }
}

extension Specification.Collection {
    /// What its members are to the conference.
    fileprivate var kind: SiteKind {
        switch self {
        case .sites, .programs, .access, .presets: .site
        case .uplinks: .uplink
        case .downlinks: .downlink
        }
    }
}

extension SpecificationReader {
    /// `to=HOST:PORT` is the audio's destination, and the video's two ports above; `audio-to=`/`video-to=` win over it.
    ///
    /// - Parameter line: what the keys of a line end with: nothing, or "2".
    mutating func readDestinations(line: String = "") -> (audio: HostPort?, video: HostPort?) {
        // RTCP of the video goes to PORT+3.
        let both = read("to" + line, as: .hostPort(last: 65_532))
        let audio = read("audio-to" + line, as: .hostPort())
        let video = read("video-to" + line, as: .hostPort())
        return (audio ?? both, video ?? both.map { HostPort(host: $0.host, port: $0.port + 2) })
    }

    /// Whom packets are taken from. Who is sent nothing must be named: nothing from strangers is ever mixed unasked.
    fileprivate mutating func readSource(_ description: SiteDescription?, hasDestination: Bool) -> SourceRule? {
        if has("from") { return read("from", as: .source) }
        if hasDestination || has("to") || has("audio-to") || has("video-to") { return .destination }
        // The file says where the stream comes in, not from where, unless that is this very machine.
        if let description {
            return description.address.flatMap { HostName.isLoopback($0) ? SourceRule.host($0) : nil } ?? .any
        }
        if !has("sdp") {
            refuse("from", expected: "to=HOST:PORT, or from=HOST or from=any for a site that is sent nothing")
        }
        return nil
    }

    fileprivate mutating func readAudio(
        _ description: SiteDescription.Audio?, to destination: HostPort?, _ isMultiplexed: Bool?,
        _ standard: SiteSpecification.Standard
    ) -> AudioPlan? {
        let port = read("audio", as: .port) ?? description?.port
        let codec = read("audio-codec", as: .audioCodec)
        let bitrate = read("audio-bitrate", as: .bitrate)
        let delay = read("jitter", as: .delay)
        let packetTime = read("ptime", as: .packetTime)
        let levels = read("audio-level", as: .wholeNumber(HeaderExtension.sendable))
        guard let port else {
            let keys = [
                "audio-to", "audio-codec", "audio-bitrate", "gain", "audio2", "audio-to2", "jitter", "ptime",
                "audio-level",
            ]
            for key in keys where has(key) && !has("audio") { refuse(key, expected: "audio=PORT with it") }
            return nil
        }
        let formats = description?.formats ?? []
        let sent = codec ?? formats.first ?? ValueForm.audioCodec.parse("opus")!
        return AudioPlan(
            port: port, destination: destination,
            multiplexesRTCP: isMultiplexed ?? description?.multiplexesRTCP ?? false, codec: sent.codec,
            payloadType: sent.payloadType, accepts: accepted(formats, sent, codec == nil ? nil : "audio-codec"),
            bitrate: bitrate ?? standard.audioBitrate, packetTime: packetTime ?? AudioPlan.standardPacketTime,
            delay: delay ?? AudioPlan.standardDelay,
            levelExtension: levels ?? description?.levelExtension)
    }

    fileprivate mutating func readVideo(
        _ description: SiteDescription.Video?, to destination: HostPort?, _ isMultiplexed: Bool?,
        _ standard: SiteSpecification.Standard, _ repair: RepairSpecification
    ) -> VideoPlan? {
        let port = read("video", as: .port) ?? description?.port
        let codec = read("video-codec", as: .videoCodec)
        let profile = read("profile", as: ValueForm<H264Profile>.word)
        let mode = read("packetization-mode", as: .wholeNumber(0...1))
        let size = read("size", as: .size)
        let frameRate = readFrameRate(standard.program)
        let bitrate = read("video-bitrate", as: .bitrate)
        let adapts = read("adapt", as: .truth)
        guard let port else {
            let keys =
                [
                    "video-to", "video-codec", "profile", "packetization-mode", "size", "fps", "video-bitrate",
                    "layout",
                    "video2", "video-to2", "adapt",
                ] + RepairSpecification.keys
            for key in keys where has(key) && !has("video") { refuse(key, expected: "video=PORT with it") }
            return nil
        }
        let formats = description?.formats ?? []
        let sent = codec ?? formats.first ?? ValueForm.videoCodec.parse("h264")!
        if sent.codec != .h264 {
            for key in ["profile", "packetization-mode"] where has(key) {
                refuse(key, expected: "it only with H.264, not with \(sent.codec.rawValue)")
            }
        }
        let accepts = accepted(formats, sent, codec == nil ? nil : "video-codec")
        return VideoPlan(
            port: port, destination: destination,
            multiplexesRTCP: isMultiplexed ?? description?.multiplexesRTCP ?? false, codec: sent.codec,
            payloadType: sent.payloadType, accepts: accepts,
            parameterSets: description?.parameterSets ?? [], profile: profile ?? .constrainedBaseline,
            packetizationMode: mode ?? description?.packetizationMode ?? 1, size: size ?? standard.program.size,
            frameRate: frameRate ?? standard.program.frameRate, bitrate: bitrate ?? standard.videoBitrate,
            adapts: adapts ?? true,
            repair: repair.plan(description, sent: sent.payloadType, accepted: Set(accepts.keys)))
    }

    /// The site's second picture: as its first one is in all that it says nothing of.
    fileprivate mutating func readSlides(
        _ description: SiteDescription.Video?, like video: VideoPlan?, _ repair: RepairSpecification
    ) -> VideoPlan? {
        let port = read("slides", as: .port) ?? description?.port
        let size = read("slides-size", as: .size)
        let frameRate = read("slides-fps", as: .wholeNumber(1...60))
        let bitrate = read("slides-bitrate", as: .bitrate)
        let destination = readSlidesDestination()
        guard let port else {
            for key in SiteSpecification.slidesKeys where has(key) && !has("slides") {
                refuse(key, expected: "slides=PORT with it")
            }
            return nil
        }
        if specification.collection != .sites { refuse("slides", expected: "it of a site: a link is a conference") }
        let offered = description?.formats.first
        let codec = offered?.codec ?? video?.codec ?? .h264
        let payloadType = offered?.payloadType ?? video?.payloadType ?? ValueForm.videoCodec.parse("h264")!.payloadType
        var accepts = video?.accepts ?? [payloadType: codec]
        if let description {
            accepts = Dictionary(description.formats.map { ($0.payloadType, $0.codec) }) { first, _ in first }
        }
        return VideoPlan(
            port: port, destination: destination,
            multiplexesRTCP: video?.multiplexesRTCP ?? description?.multiplexesRTCP ?? false, codec: codec,
            payloadType: payloadType, accepts: accepts, parameterSets: description?.parameterSets ?? [],
            profile: video?.profile ?? .constrainedBaseline,
            packetizationMode: description?.packetizationMode ?? video?.packetizationMode ?? 1,
            size: size ?? VideoPlan.slidesSize, frameRate: frameRate ?? VideoPlan.slidesFrameRate,
            bitrate: bitrate ?? VideoPlan.slidesBitrate, adapts: video?.adapts ?? true,
            repair: repair.plan(description, sent: payloadType, accepted: Set(accepts.keys)), content: .slides)
    }

    /// Where the site takes the slides of others as a stream of their own: `slides-to`, else four ports above `to`.
    private mutating func readSlidesDestination() -> HostPort? {
        guard specification["slides-to"]?.value != "none" else { return nil }
        if has("slides-to") { return read("slides-to", as: .hostPort()) }
        // Of one that is wrong is told already.
        guard let base = specification["to"].flatMap({ ValueForm.hostPort(last: 65_532).parse($0.value) }) else {
            return nil
        }
        if has("slides"), base.port > 65_530 { refuse("to", expected: "a port up to 65530 with slides") }
        return HostPort(host: base.host, port: base.port + 4)
    }

    private mutating func readFrameRate(_ program: ProgramPlan) -> Int? {
        guard let rate = read("fps", as: .wholeNumber(1...60)) else { return nil }
        guard rate <= program.frameRate else {
            refuse("fps", expected: "at most the \(program.frameRate) fps of its program \(program.id)")
            return nil
        }
        return rate
    }

    /// The payload types we take: those of the SDP file, and the one we send. `key` is where the operator says the
    /// latter; it can't give a number of the file another meaning.
    private mutating func accepted<Codec>(
        _ formats: [CodecForm<Codec>], _ sent: CodecForm<Codec>, _ key: String?
    ) -> [PayloadType: Codec] {
        var accepted: [PayloadType: Codec] = [:]
        for format in formats { accepted[format.payloadType] = format.codec }
        if let other = accepted[sent.payloadType], other != sent.codec, let key {
            refuse(key, expected: "a payload type that the SDP file doesn't give to \(other)")
        }
        accepted[sent.payloadType] = sent.codec
        return accepted
    }
}
