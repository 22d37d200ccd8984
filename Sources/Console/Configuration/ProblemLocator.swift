import Conference
import Media

/// Finds where the operator wrote what a plan's cross-check complains of, so that the message can point there.
package struct ProblemLocator {
    private let settings: [GeneralKey: Field]
    private let specifications: [Specification]
    private let plan: ConferencePlan

    package init(settings: [GeneralKey: Field], specifications: [Specification], plan: ConferencePlan) {
        self.settings = settings
        self.specifications = specifications
        self.plan = plan
    }

    /// `problem` as a refusal. Its subject is `site ID`, `program ID` or `conference`, then the medium; its value
    /// starts with the word for what is wrong: `site gia-binh: video` and `size 1281x720`.
    package func refusal(_ problem: PlanProblem) -> Refusal {
        let subject = problem.subject.split(whereSeparator: { $0 == " " || $0 == ":" }).map(String.init)
        let id = subject.count > 1 ? subject[1] : nil
        let specification = id.flatMap { self.specification($0, isProgram: subject[0] == "program") }
        let key = key(of: problem, medium: subject.count > 2 ? subject[2] : nil, specification)
        guard let (field, owner) = field(key, specification, site: subject[0] == "site" ? id : nil) else {
            return Refusal(
                origin: specification?.origin ?? anywhere, id: specification?.id,
                reason: "\(problem.value): expected \(problem.expected)")
        }
        // The operator's own words say it unless the trouble is with what follows from them, such as the RTCP port.
        let isSaid = problem.value.hasSuffix(" \(field.value)") || problem.value == field.value
        let reason = (isSaid ? "" : "\(problem.value): ") + "expected \(problem.expected)"
        return Refusal(origin: field.origin, id: owner?.id, key: field.key, value: field.value, reason: reason)
    }

    /// The key that the problem's value comes from.
    private func key(of problem: PlanProblem, medium: String?, _ specification: Specification?) -> String {
        let word = problem.value.prefix(while: { $0 != " " })
        switch (word, medium) {
        case ("port", let medium?): return medium
        case ("bitrate", let medium?): return "\(medium)-bitrate"
        case ("to2", let medium?): return specification?["\(medium)-to2"] == nil ? "to2" : "\(medium)-to2"
        case _ where problem.subject.hasSuffix(" \(problem.value)"): return "id"
        default: return String(word)
        }
    }

    /// Where `key` was said, and in what: in the site or program itself, the SDP file it names, the site's program, or
    /// for all.
    private func field(
        _ key: String, _ specification: Specification?, site: String?
    ) -> (Field, owner: Specification?)? {
        if let field = specification?[key] { return (field, specification) }
        if Self.descriptionKeys.contains(key) { return specification?["sdp"].map { ($0, specification) } }
        let program = site.flatMap { site in plan.programs.first { $0.viewers.contains { $0.rawValue == site } } }
        let owner = program.flatMap { self.specification($0.id.rawValue, isProgram: true) }
        if let field = owner?[key] { return (field, owner) }
        return GeneralKey(rawValue: key).flatMap { settings[$0] }.map { ($0, nil) }
    }

    /// What an SDP file says too.
    private static let descriptionKeys =
        ["audio", "video", "audio2", "video2", "srtp"] + RepairSpecification.keys

    private func specification(_ id: String, isProgram: Bool) -> Specification? {
        specifications.first { $0.id == id && (isProgram ? $0.collection == .programs : $0.collection.isOfSites) }
    }

    /// For what stands nowhere: the config file if there is one, else the flag that would say it.
    private var anywhere: Origin {
        let origins = settings.values.map(\.origin) + specifications.map(\.origin)
        for case .file(let path, _, _) in origins { return .file(path: path, line: nil) }
        return .flag("--site")
    }
}
