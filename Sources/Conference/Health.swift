import Media

/// How a site's cell looks.
package enum Appearance: Hashable, Sendable {
    /// The latest picture.
    case live
    /// The last good picture, with a line-fault mark: packets come, but no picture is whole.
    case faulty
    /// The last picture, darker: no packets for a moment.
    case dimmed
    /// The site's name and the reason why there is no picture.
    case slate(SlateReason)

    /// Whether the cell shows a picture at all.
    package var hasPicture: Bool {
        if case .slate = self { false } else { true }
    }
}

/// Why a cell shows a slate.
package enum SlateReason: Hashable, Sendable, CaseIterable {
    /// The site has not sent a picture yet.
    case waiting
    /// It has stopped sending.
    case noSignal
    /// It has said goodbye (RTCP BYE).
    case left
    /// Packets come, but no whole picture for too long.
    case badLine
    /// It is not to send a picture.
    case audioOnly
    /// What comes from it is our own, come back through other bridges.
    case loop

    /// The words on the slate.
    package var vietnamese: String {
        switch self {
        case .waiting: "Chờ tín hiệu"
        case .noSignal: "Không có tín hiệu"
        case .left: "Đã rời cuộc họp"
        case .badLine: "Đường truyền lỗi"
        case .audioOnly: "Chỉ có âm thanh"
        case .loop: "Vòng lặp"
        }
    }

    /// The same in English, for logs and for the line below.
    package var english: String {
        switch self {
        case .waiting: "waiting for signal"
        case .noSignal: "no signal"
        case .left: "left the meeting"
        case .badLine: "line fault"
        case .audioOnly: "audio only"
        case .loop: "loop"
        }
    }

    /// Both, as one line of a slate.
    package var words: String { "\(vietnamese) · \(english)" }
}

/// When a site's video was last heard of, and what follows for its cell. A value: the receiving side keeps it, and
/// whoever composes gets a copy.
package struct Health: Hashable, Sendable {
    /// Silence on the line after which the picture is dimmed; a stretch without a whole picture after which it is marked.
    package static let dimAfter = Interval.milliseconds(500)
    /// Silence on the line after which a slate takes the cell.
    package static let slateAfter = Interval.seconds(2)
    /// Packets without a whole picture: how long the last good one is kept.
    package static let faultUntil = Interval.seconds(10)

    package private(set) var lastPacket: Instant?
    /// When the last whole picture was decoded.
    package private(set) var lastPicture: Instant?
    /// When the packets began that have come since without a break of `slateAfter`.
    private var packetsSince: Instant?
    private var leftAt: Instant?
    /// How many times as long as a camera's everything may take: slides come slowly.
    private let patience: Int

    package init(of content: PictureContent = .camera) { patience = content == .slides ? 5 : 1 }

    /// A packet of the site's video came in.
    package mutating func packet(at now: Instant) {
        if let last = lastPacket, packetsSince != nil, now - last < Self.slateAfter * patience {
            lastPacket = max(last, now)
        } else {
            lastPacket = now
            packetsSince = now
        }
        // Packets overtaken by the BYE are no return.
        if let left = leftAt, now - left >= Self.dimAfter {
            leftAt = nil
            packetsSince = now
        }
    }

    /// A whole picture was decoded.
    package mutating func picture(at now: Instant) { lastPicture = now }

    /// The site said goodbye.
    package mutating func bye(at now: Instant) { leftAt = now }

    /// Whether the last that was heard of the site is its goodbye.
    package var hasLeft: Bool { leftAt != nil }

    /// How the cell looks at `now`.
    package func appearance(at now: Instant) -> Appearance {
        if leftAt != nil { return .slate(.left) }
        guard let lastPacket, let packetsSince else { return .slate(.waiting) }
        let silence = now - lastPacket
        if silence >= Self.slateAfter * patience { return .slate(.noSignal) }
        guard let lastPicture, lastPicture >= packetsSince else {
            return .slate(now - packetsSince >= Self.faultUntil * patience ? .badLine : .waiting)
        }
        if silence >= Self.dimAfter * patience { return .dimmed }
        let age = now - lastPicture
        if age >= Self.faultUntil * patience { return .slate(.badLine) }
        return age >= Self.dimAfter * patience ? .faulty : .live
    }
}
