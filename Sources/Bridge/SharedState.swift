import Conference
import Media
import Synchronization

/// What the paths share: the conference as it stands. The audio tick tells it the levels, the picture ticks ask for views,
/// operators' commands change it.
final class SharedState: Sendable {
    // Guarded: held for one call, never across a codec, a socket or a wait.
    let conference: Mutex<Conference>
    /// The SSRCs that we send under, and to whom: where one comes in as somebody's contributor, there may be a loop.
    // Guarded: held for one look.
    let ownStreams = Mutex<[UInt32: SiteID]>([:])
    let concessions = Concessions()

    init(_ plan: ConferencePlan) { conference = Mutex(Conference(plan, id: .random())) }
}
