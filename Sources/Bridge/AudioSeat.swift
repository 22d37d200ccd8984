import Conference
import Glibc
import Media
import Mixer

/// Where a site's sound sits: its indices in the mixer, which hold as long as it is there, and its places among the
/// conference's sites, which shift when others come or go.
struct AudioSeat {
    /// The mixer's source that it feeds.
    var source = 0
    /// Whether the source was made for it: of a link and its backup one made it.
    var hasOwnSource = false
    /// The mixer's program that it hears.
    var program = 0
    /// Of the mixer; `nil`: it is sent nothing.
    var listener: Int?
    /// Of the site itself; `nil`: it takes no part any more.
    var index: Int?
    /// Of the site whose source it feeds: its own, or that of the link it is the backup of.
    var place: Int?
    /// Whether it filled its source in this tick.
    var isFilled = false
    /// The gain that the mixer has for its source, linear; `nil`: none was told yet.
    var gain: Float?

    /// Finds its places anew.
    mutating func find(_ site: SiteID, main: SiteID?, in plan: SoundPlan) {
        index = plan.sources.firstIndex { $0.site == site }
        place = main.flatMap { main in plan.sources.firstIndex { $0.site == main } } ?? index
    }

    mutating func addSource(_ plan: SitePlan, _ mixer: inout AudioMixer) {
        source = mixer.addSource(gain: plan.gain, isMuted: plan.isMuted)
        hasOwnSource = true
    }

    /// Takes over the source's gain, if a command changed it.
    mutating func obey(_ plan: SoundPlan, _ mixer: inout AudioMixer) {
        guard let index, plan.sources[index].gain != gain else { return }
        let wanted = plan.sources[index].gain
        gain = wanted
        mixer.setMuted(wanted == 0, source: source)
        if wanted > 0 { mixer.setGain(Double(20 * log10f(wanted)), source: source) }
    }

    /// Whether it is this line that its source's sound is taken from: of a link and its backup one is heard.
    func isHeard(in plan: SoundPlan) -> Bool {
        guard let index, let place else { return false }
        return plan.sources[place].feed == index
    }
}
