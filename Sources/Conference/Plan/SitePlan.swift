import Media

/// An address packets are sent to, or a local one to listen at: an IPv4 address or a host name, and a UDP port.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { "\(host):\(port)" }
}

/// Where a site's packets may come from.
package enum SourceRule: Hashable, Sendable {
    /// From the hosts that the site is sent to; the default. A site that is sent nothing must say another rule.
    case destination
    /// From this host only.
    case host(String)
    /// From anywhere: whoever first shows two packets in order, or with SRTP its key, has the port as long as it sends.
    case any
}

/// What a site is to the conference.
package enum SiteKind: String, Hashable, Sendable {
    /// An endpoint: a room with a camera.
    case site
    /// A conference above ours, of which we are one site.
    case uplink
    /// A conference below ours.
    case downlink
}

/// How one site's sound comes in and goes out.
package struct AudioPlan: Hashable, Sendable {
    /// The local UDP port; RTCP is taken on it and on `port + 1`.
    package var port: Int
    /// Where our sound for the site goes; `nil`: nowhere.
    package var destination: HostPort?
    /// The peer's RTCP port; `nil`: the destination's port + 1 until its RTCP shows another.
    package var rtcpDestination: HostPort?
    /// Whether RTCP shares the RTP port (RFC 5761).
    package var multiplexesRTCP: Bool
    package var codec: AudioCodec
    /// The payload type of what we send.
    package var payloadType: PayloadType
    /// The payload types we take, and what they mean. Others are dropped and counted.
    package var accepts: [PayloadType: AudioCodec]
    package var bitrate: Bitrate
    /// What a packet that we send lasts, in milliseconds: 20 or 40 (`a=ptime`, RFC 8866 section 6.4).
    package var packetTime: Int
    /// The least and the most that the jitter buffer holds, in milliseconds.
    package var delay: ClosedRange<Int>
    package var secondLine: SecondLine?
    /// The id of the header extension with the levels of those in a mix, both ways (RFC 6465), 1 to 14; `nil`: none was
    /// agreed on.
    package var levelExtension: Int?
    /// `nil`: plain RTP.
    package var security: SecurityPlan?

    package init(
        port: Int, destination: HostPort? = nil, rtcpDestination: HostPort? = nil, multiplexesRTCP: Bool = false,
        codec: AudioCodec = .opus, payloadType: PayloadType = PayloadType(111)!, accepts: [PayloadType: AudioCodec],
        bitrate: Bitrate = Bitrate(bitsPerSecond: 48_000), packetTime: Int = Self.standardPacketTime,
        delay: ClosedRange<Int> = Self.standardDelay,
        secondLine: SecondLine? = nil, levelExtension: Int? = nil, security: SecurityPlan? = nil
    ) {
        self.port = port
        self.destination = destination
        self.rtcpDestination = rtcpDestination
        self.multiplexesRTCP = multiplexesRTCP
        self.codec = codec
        self.payloadType = payloadType
        self.accepts = accepts
        self.bitrate = bitrate
        self.packetTime = packetTime
        self.delay = delay
        self.secondLine = secondLine
        self.levelExtension = levelExtension
        self.security = security
    }

    /// 20 to 200 ms.
    package static let standardDelay = 20...200
    /// 20 ms.
    package static let standardPacketTime = 20
}

/// The H.264 profiles we encode (RFC 6184 section 8.1).
package enum H264Profile: String, Hashable, Sendable, CaseIterable {
    case constrainedBaseline = "constrained-baseline"
    case high
}

/// What pictures are of, which decides how they are encoded.
package enum PictureContent: String, Hashable, Sendable {
    /// People: they move.
    case camera
    /// Writing and drawings: they stand for long, and must be sharp.
    case slides
}

/// How one picture of a site comes in and its view goes out.
package struct VideoPlan: Hashable, Sendable {
    /// The local UDP port; RTCP is taken on it and on `port + 1`.
    package var port: Int
    /// Where the site's view goes; `nil`: nowhere.
    package var destination: HostPort?
    /// The peer's RTCP port; `nil`: the destination's port + 1 until its RTCP shows another.
    package var rtcpDestination: HostPort?
    /// Whether RTCP shares the RTP port (RFC 5761).
    package var multiplexesRTCP: Bool
    package var codec: VideoCodec
    /// The payload type of what we send.
    package var payloadType: PayloadType
    /// The payload types we take, and what they mean. Others are dropped and counted.
    package var accepts: [PayloadType: VideoCodec]
    /// Parameter sets from SDP's `sprop-parameter-sets`, as NAL units without start codes.
    package var parameterSets: [[UInt8]]
    package var profile: H264Profile
    /// 0: a NAL unit a packet; 1: STAP-A and FU-A too (RFC 6184 section 5.4).
    package var packetizationMode: Int
    package var size: Size
    /// Pictures per second.
    package var frameRate: Int
    package var bitrate: Bitrate
    /// Whether the rate follows what the site's line carries.
    package var adapts: Bool
    package var repair: RepairPlan
    package var secondLine: SecondLine?
    /// `nil`: plain RTP.
    package var security: SecurityPlan?
    package var content: PictureContent

    package init(
        port: Int, destination: HostPort? = nil, rtcpDestination: HostPort? = nil, multiplexesRTCP: Bool = false,
        codec: VideoCodec = .h264, payloadType: PayloadType = PayloadType(96)!, accepts: [PayloadType: VideoCodec],
        parameterSets: [[UInt8]] = [], profile: H264Profile = .constrainedBaseline, packetizationMode: Int = 1,
        size: Size, frameRate: Int, bitrate: Bitrate, adapts: Bool = true, repair: RepairPlan = RepairPlan(),
        secondLine: SecondLine? = nil, security: SecurityPlan? = nil, content: PictureContent = .camera
    ) {
        self.port = port
        self.destination = destination
        self.rtcpDestination = rtcpDestination
        self.multiplexesRTCP = multiplexesRTCP
        self.codec = codec
        self.payloadType = payloadType
        self.accepts = accepts
        self.parameterSets = parameterSets
        self.profile = profile
        self.packetizationMode = packetizationMode
        self.size = size
        self.frameRate = frameRate
        self.bitrate = bitrate
        self.adapts = adapts
        self.repair = repair
        self.secondLine = secondLine
        self.security = security
        self.content = content
    }
}

extension VideoPlan {
    /// What slides are sent as where nobody says otherwise.
    package static let slidesSize = Size(width: 1920, height: 1080)
    package static let slidesFrameRate = 5
    package static let slidesBitrate = Bitrate(bitsPerSecond: 1_500_000)
}

/// What a site plays instead of being an endpoint: a file, or a URL such as that of a camera.
package struct PlayerPlan: Hashable, Sendable {
    /// The path of a file, or a URL that libavformat reads.
    package var location: String
    /// Whether a file begins anew at its end.
    package var repeats: Bool

    package init(location: String, repeats: Bool = false) {
        self.location = location
        self.repeats = repeats
    }
}

/// One site as the operator asked for it, checked.
package struct SitePlan: Hashable, Sendable {
    package var id: SiteID
    /// The name drawn on the site's cell, and the one people read.
    package var name: String
    package var kind: SiteKind
    package var source: SourceRule
    package var audio: AudioPlan?
    package var video: VideoPlan?
    /// What is played as the site's picture and sound; `nil`: it is an endpoint, or plays nothing now.
    package var player: PlayerPlan?
    /// Whether it is no endpoint: it has no ports, and is sent nothing.
    package var isPlayer: Bool
    /// The site's own layout instead of its program's.
    package var layout: Layout?
    /// How its picture is fitted into cells, whatever the program says; `nil`: as the program says.
    package var fit: Fit?
    /// Gain of the site's sound in the mix, in dB.
    package var gain: Double
    package var isMuted: Bool
    /// The link that this one is a second feed of; `nil`: it is a source of its own.
    package var backupOf: SiteID?
    /// The site whose slides these are: its second picture, without sound; `nil`: it is a site of its own.
    package var slidesOf: SiteID?

    package init(
        id: SiteID, name: String, kind: SiteKind = .site, source: SourceRule = .destination, audio: AudioPlan?,
        video: VideoPlan?, player: PlayerPlan? = nil, isPlayer: Bool = false, layout: Layout? = nil, fit: Fit? = nil,
        gain: Double = 0, isMuted: Bool = false, backupOf: SiteID? = nil,
        slidesOf: SiteID? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.source = source
        self.audio = audio
        self.video = video
        self.player = player
        self.isPlayer = isPlayer || player != nil
        self.layout = layout
        self.fit = fit
        self.gain = gain
        self.isMuted = isMuted
        self.backupOf = backupOf
        self.slidesOf = slidesOf
    }

    /// The slides of a site.
    /// - Parameter id: as `slidesID(of:)` has it.
    package init(_ id: SiteID, slidesOf site: SitePlan, _ video: VideoPlan) {
        var video = video
        video.content = .slides
        var source = site.source
        // Whom nothing is sent to here may be known from there.
        if source == .destination, video.destination == nil,
            let host = (site.audio?.destination ?? site.video?.destination)?.host
        {
            source = .host(host)
        }
        self.init(
            id: id, name: "\(site.name) · trang chiếu", source: source, audio: nil, video: video, fit: .letterbox,
            slidesOf: site.id)
    }

    /// The id that the slides of a site go by: `gia-binh.slides`; `nil`: the site's is too long for that.
    package static func slidesID(of site: SiteID) -> SiteID? { SiteID(site.rawValue + ".slides") }

    /// Whether a picture may come from it.
    package var sendsPicture: Bool { video != nil || isPlayer }
    /// Whether sound may come from it.
    package var sendsSound: Bool { audio != nil || isPlayer }
}
