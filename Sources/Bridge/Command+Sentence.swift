import Conference
import Mixer

extension Command {
    /// What was done, for the operator.
    package var sentence: String {
        switch self {
        case .layout(let layout, let program): "\(program) has the layout \(layout)"
        case .pin(let site?, let cell, let program): "\(site) stands in cell \(cell) of \(program)"
        case .pin(nil, let cell, let program): "cell \(cell) of \(program) is for whoever is next"
        case .siteLayout(let layout?, let site): "\(site) is sent the layout \(layout)"
        case .siteLayout(nil, let site): "\(site) is sent its program's layout"
        case .mute(let site): "\(site) is muted"
        case .unmute(let site): "\(site) is heard again"
        case .gain(let site, let gain): "\(site) has a gain of \(gain) dB"
        case .lecturer(let site?): "\(site) has the lecture"
        case .lecturer(nil): "nobody has the lecture"
        case .slides(let site?): "\(site) shows the slides"
        case .slides(nil): "nobody shows slides"
        case .callUp(let site?): "\(site) is called up"
        case .callUp(nil): "nobody is called up: who speaks is shown"
        case .hub(let site?): "\(site) is the hub"
        case .hub(nil): "the hub is the first site that is no link"
        case .caption(let text?, let program): "\(program) says \"\(text)\" across its picture"
        case .caption(nil, let program): "\(program) has no caption"
        case .enable(let site): "\(site) takes part again"
        case .disable(let site): "\(site) takes no part"
        case .play(let site, let plan?):
            "\(site) plays \(MediaLocation(plan.location).shortName)\(plan.repeats ? ", over and over" : "")"
        case .play(let site, nil): "\(site) plays nothing"
        case .add(let site, let program): "\(site.id) is new in \(program)"
        case .remove(let site): "\(site) is gone"
        }
    }
}
