import Media
import Mixer

/// Makes pictures of a camera's access units, as far as somebody looks and the machine has time. Confined to the camera's queue.
struct CameraDecoder: ~Copyable {
    /// What became of an access unit.
    enum Outcome: Hashable, Sendable {
        /// It flows: decoded, or left out since nobody looks.
        case flows
        /// Nothing can be made of it, or of those after it, before a keyframe.
        case wantsKeyframe
        /// It was whole, and could not be decoded.
        case failed(reason: String)
        /// A picture of another size than before.
        case sizeChanged(from: Size)
    }

    /// What it made so far.
    struct Statistics: Sendable {
        var decoded = 0
        var errors = 0
        var size = Size(width: 0, height: 0)
        var pictures = RateMeter()
        /// Whether only keyframes are decoded.
        var isResting = false
    }

    let latest: LatestPicture
    private(set) var statistics = Statistics()
    private var decoder: StreamDecoder
    /// `nil`: its pictures are always decoded.
    private var rest: DecodeRest?
    private let concessions: Concessions
    private let wish = TileWish()
    private var scaler = Scaler()

    /// - Parameter mayRest: whether pictures that nobody looks at are left out.
    init(codec: VideoCodec, latest: LatestPicture, mayRest: Bool, concessions: Concessions) {
        self.latest = latest
        self.concessions = concessions
        decoder = StreamDecoder(codec: codec)
        rest = mayRest ? DecodeRest() : nil
    }

    /// Of the newest access unit.
    var codec: VideoCodec { decoder.codec }

    /// Takes the next access unit, and shows what comes of it.
    /// - Parameter isWanted: whether somebody looks.
    mutating func take(_ unit: AccessUnit, codec: VideoCodec, isWanted: Bool, at now: Instant) -> Outcome {
        let verdict = rest?.take(isKeyframe: unit.isKeyframe, isWanted: isWanted, at: now) ?? .decode
        statistics.isResting = rest?.isResting ?? false
        guard verdict == .decode else {
            latest.standsStill(at: now)
            return verdict == .ask ? .wantsKeyframe : .flows
        }
        return decode(unit, codec: codec)
    }

    private mutating func decode(_ unit: AccessUnit, codec: VideoCodec) -> Outcome {
        decoder.skipsLoopFilter = concessions.current >= .loopFilter
        switch decoder.decode(unit, codec: codec) {
        case .picture(let picture):
            let (now, before) = (Clock.now(), statistics.size)
            statistics.decoded += 1
            statistics.pictures.add(1, at: now)
            statistics.size = picture.size
            picture.makeReady(for: wish, by: &scaler)
            latest.publish(picture, at: now)
            return picture.size == before ? .flows : .sizeChanged(from: before)
        case .none: return .flows
        case .damaged(.awaitsKeyframe):
            // It is on its way to a whole picture by itself: asking again would only begin the wait anew.
            statistics.errors += 1
            return .flows
        case .damaged(let damage):
            statistics.errors += 1
            return .failed(reason: damage.rawValue)
        }
    }
}
