/// One program and its view.
package struct ProgramStatus: Codable, Hashable, Sendable {
    package var id: String
    package var layout: String
    package var frames: Int
    package var lateTicks: Int
    package var droppedTicks: Int
    /// Milliseconds a picture, on average.
    package var composeMs: Double
    /// In paint order.
    package var cells: [CellStatus]
    package var speaker: String?
    package var previousSpeaker: String?
    package var lecturer: String?
    /// The site that stands as the speaker, whoever speaks.
    package var calledUp: String?
    /// The site, or the slides of one, whose picture the operator made the slides.
    package var slides: String?
    /// The operator's words across the bottom.
    package var caption: String?
    /// Of the canvas, in luma samples.
    package var width: Int
    package var height: Int

    package init(
        id: String = "", layout: String = "", frames: Int = 0, lateTicks: Int = 0, droppedTicks: Int = 0,
        composeMs: Double = 0, cells: [CellStatus] = [], speaker: String? = nil, previousSpeaker: String? = nil,
        lecturer: String? = nil, calledUp: String? = nil, slides: String? = nil, caption: String? = nil,
        width: Int = 0, height: Int = 0
    ) {
        self.id = id
        self.layout = layout
        self.frames = frames
        self.lateTicks = lateTicks
        self.droppedTicks = droppedTicks
        self.composeMs = composeMs
        self.cells = cells
        self.speaker = speaker
        self.previousSpeaker = previousSpeaker
        self.lecturer = lecturer
        self.calledUp = calledUp
        self.slides = slides
        self.caption = caption
        self.width = width
        self.height = height
    }

    private enum CodingKeys: String, CodingKey {
        case id, layout, frames, cells, speaker, lecturer, slides, caption, width, height
        case calledUp = "called_up"
        case lateTicks = "late_ticks"
        case droppedTicks = "dropped_ticks"
        case composeMs = "compose_ms"
        case previousSpeaker = "previous_speaker"
    }
}

/// One cell of a view, in luma samples.
package struct CellStatus: Codable, Hashable, Sendable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int
    /// `nil`: it is empty.
    package var site: String?
    /// Whether it is this site's for good.
    package var pinned: Bool

    package init(
        x: Int = 0, y: Int = 0, width: Int = 0, height: Int = 0, site: String? = nil, pinned: Bool = false
    ) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.site = site
        self.pinned = pinned
    }

    private enum CodingKeys: String, CodingKey {
        case x, y, width, height, site, pinned
    }
}

/// The receivers that get the same encoded bits.
package struct EncodeGroupStatus: Codable, Hashable, Sendable {
    package var id: String
    package var program: String
    package var codec: String
    /// By libavcodec's name.
    package var encoder: String
    package var width: Int
    package var height: Int
    package var fps: Double
    package var bitrateTargetBps: Int
    package var bitrateBps: Int
    package var frames: Int
    package var keyframes: Int
    package var encodeMsMean: Double
    package var encodeMsMax: Double
    package var receivers: Int
    /// Pictures not encoded because the encoder was behind.
    package var dropped: Int
    /// Pictures that could not be encoded, or the encoder not opened.
    package var errors: Int
    /// The mean quantizer of the last second; `nil` where the encoder doesn't tell.
    package var qp: Double?

    package init(
        id: String = "", program: String = "", codec: String = "", encoder: String = "", width: Int = 0,
        height: Int = 0, fps: Double = 0, bitrateTargetBps: Int = 0, bitrateBps: Int = 0, frames: Int = 0,
        keyframes: Int = 0, encodeMsMean: Double = 0, encodeMsMax: Double = 0, receivers: Int = 0, dropped: Int = 0,
        errors: Int = 0,
        qp: Double? = nil
    ) {
        self.id = id
        self.program = program
        self.codec = codec
        self.encoder = encoder
        self.width = width
        self.height = height
        self.fps = fps
        self.bitrateTargetBps = bitrateTargetBps
        self.bitrateBps = bitrateBps
        self.frames = frames
        self.keyframes = keyframes
        self.encodeMsMean = encodeMsMean
        self.encodeMsMax = encodeMsMax
        self.receivers = receivers
        self.dropped = dropped
        self.errors = errors
        self.qp = qp
    }

    private enum CodingKeys: String, CodingKey {
        case id, program, codec, encoder, width, height, fps, frames, keyframes, receivers, dropped, errors
        case bitrateTargetBps = "bitrate_target_bps"
        case bitrateBps = "bitrate_bps"
        case encodeMsMean = "encode_ms_mean"
        case encodeMsMax = "encode_ms_max"
        case qp
    }
}
