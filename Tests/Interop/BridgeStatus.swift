/// What `/stats` says, as far as the tests ask: declared here once more, so that a change of the document shows.
struct BridgeStatus: Decodable, Sendable {
    var sites: [Site]
    var programs: [Program]
    var encodeGroups: [EncodeGroup]
    var audio: Audio
    var governor: Governor

    struct Governor: Decodable, Sendable {
        var givesWay: String
        var gaveWay: Int
        var tookBack: Int
    }

    struct Site: Decodable, Sendable {
        var id: String
        var program: String
        var cell: Int?
        var state: String
        var speaking: Bool
        var muted: Bool
        var levelDbov: Double?
        var videoIn: VideoIn?
        var audioIn: AudioIn?
        var videoOut: VideoOut?
        var audioOut: AudioOut?
        var dropped: [String: Int]
        var lines: Lines?
        var lipSync: String?
        var lipSyncMs: Double?
        var label: String?
        var inside: [Inside]?
        var link: Link?
        var player: Player?
    }

    struct Player: Decodable, Sendable {
        var state: String
        var reason: String?
    }

    struct Inside: Decodable, Sendable {
        var id: String
        var name: String
        var depth: Int
    }

    struct Link: Decodable, Sendable {
        var state: String
        var peer: String?
    }

    struct Lines: Decodable, Sendable {
        var lines: [Line]
    }

    struct Line: Decodable, Sendable {
        var alive: Bool
    }

    struct VideoIn: Decodable, Sendable {
        var codec: String
        var width: Int
        var height: Int
        var packets: Int
        var lost: Int
        var framesDecoded: Int
        var framesDropped: Int
        var decodeErrors: Int
        var keyframeRequestsSent: Int
        var nacksSent: Int
        var repaired: Int
        var fecRecovered: Int
        var bitrateBps: Int
        var askedBps: Int?
        var resting: Bool
    }

    struct AudioIn: Decodable, Sendable {
        var codec: String
        var packets: Int
        var lost: Int
        var late: Int
        var concealedMs: Int
        var delayMs: Double
        var contributors: [Contributor]?
    }

    struct Contributor: Decodable, Sendable {
        var name: String?
        var levelDbov: Int?
    }

    struct VideoOut: Decodable, Sendable {
        var codec: String
        var width: Int
        var height: Int
        var frames: Int
        var packets: Int
        var keyframes: Int
        var group: String
        var keyframeRequestsRefused: Int
        var rung: Int
        var estimateBps: Int
        var fecSent: Int
    }

    struct AudioOut: Decodable, Sendable {
        var packets: Int
    }

    struct Program: Decodable, Sendable {
        var id: String
        var layout: String
        var frames: Int
        var droppedTicks: Int
        var cells: [Cell]
        var speaker: String?
        var lecturer: String?
    }

    struct Cell: Decodable, Sendable {
        var x: Int
        var y: Int
        var width: Int
        var height: Int
        var site: String?
    }

    struct EncodeGroup: Decodable, Sendable {
        var id: String
        var codec: String
        var width: Int
        var height: Int
        var frames: Int
        var keyframes: Int
        var receivers: Int
        var dropped: Int
        var bitrateTargetBps: Int
        var bitrateBps: Int
        var qp: Double?
    }

    struct Audio: Decodable, Sendable {
        var ticks: Int
        var lateTicks: Int
        var encodes: Int
    }
}
