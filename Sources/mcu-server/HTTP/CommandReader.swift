import Conference
import Console
import Media

/// Turns what an operator asked for into a command of this conference: words become sites, programs and layouts.
struct CommandReader {
    let plan: ConferencePlan

    /// A word that is nothing of this conference.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    func read(_ request: ControlRequest) throws(Fault) -> Command {
        switch request {
        case .layout(let text, let program):
            return .layout(try layout(text), program: try id(ofProgram: program))
        case .mute(let site): return .mute(try id(ofSite: site))
        case .unmute(let site): return .unmute(try id(ofSite: site))
        case .gain(let site, let gain): return .gain(try id(ofSite: site), gain)
        case .lecturer(let site):
            guard let site else { return .lecturer(nil) }
            return .lecturer(try id(ofSite: site))
        case .callUp(let site):
            guard let site else { return .callUp(nil) }
            return .callUp(try id(ofSite: site))
        case .hub(let site):
            guard let site else { return .hub(nil) }
            return .hub(try id(ofSite: site))
        case .caption(let text, let program): return .caption(text, program: try id(ofProgram: program))
        }
    }

    private func layout(_ text: String) throws(Fault) -> Layout {
        do throws(LayoutError) {
            return try Layout.parse(text, knownSites: Set(plan.sites.map(\.id)))
        } catch { throw Fault(description: error.description) }
    }

    private func id(ofSite text: String) throws(Fault) -> SiteID {
        guard let id = SiteID(text), plan.sites.contains(where: { $0.id == id }) else {
            throw Fault(
                description: "\(Refusal.readable(text)): expected a site of this conference: "
                    + plan.sites.map(\.id.rawValue).joined(separator: ", "))
        }
        return id
    }

    private func id(ofProgram text: String) throws(Fault) -> ProgramID {
        guard let id = ProgramID(text), plan.programs.contains(where: { $0.id == id }) else {
            throw Fault(
                description: "\(Refusal.readable(text)): expected a program of this conference: "
                    + plan.programs.map(\.id.rawValue).joined(separator: ", "))
        }
        return id
    }

    /// What was done, for the operator.
    static func sentence(for command: Command) -> String {
        switch command {
        case .layout(let layout, let program): "\(program) has the layout \(layout)"
        case .mute(let site): "\(site) is muted"
        case .unmute(let site): "\(site) is heard again"
        case .gain(let site, let gain): "\(site) has a gain of \(gain) dB"
        case .lecturer(let site?): "\(site) has the lecture"
        case .lecturer(nil): "nobody has the lecture"
        case .callUp(let site?): "\(site) is called up"
        case .callUp(nil): "nobody is called up: who speaks is shown"
        case .hub(let site?): "\(site) is the hub"
        case .hub(nil): "the hub is the first site that is no link"
        case .caption(let text?, let program): "\(program) says \"\(text)\" across its picture"
        case .caption(nil, let program): "\(program) has no caption"
        default: "done"
        }
    }
}
