import CFFmpeg
import Media
import Synchronization

/// One decoder's pictures. Those that nobody holds any more are used again, so that decoding takes no memory of ours; in a
/// conference three or four go round. Confined to the decoder's queue, whoever holds the pictures.
struct PicturePool: ~Copyable {
    /// Pictures kept for use again; a holder of more than these costs an allocation for each.
    static let capacity = 8

    private var pictures: [Picture] = []

    init() { pictures.reserveCapacity(Self.capacity) }

    /// Makes a picture of a written frame, whose contents it takes over.
    mutating func picture(of written: UnsafeMutablePointer<AVFrame>, timestamp: Int64, arrival: Instant) -> Picture {
        let index = emptyReleased()
        if let index {
            pictures[index].fill(from: written, timestamp: timestamp, arrival: arrival)
            return pictures[index]
        }
        let owner = FrameOwner()
        av_frame_move_ref(owner.raw, written)
        let picture = Picture(owner, timestamp: timestamp, arrival: arrival)
        if pictures.count < Self.capacity { pictures.append(picture) }
        return picture
    }

    /// Empties all pictures that were let go of, since their samples belong to the decoder's own pool; the first of them.
    private mutating func emptyReleased() -> Int? {
        var first: Int?
        for index in pictures.indices where isKnownUniquelyReferenced(&pictures[index]) {
            // What the last holder read must be read before this is written; the count alone orders nothing.
            atomicMemoryFence(ordering: .acquiring)
            pictures[index].empty()
            first = first ?? index
        }
        return first
    }
}
