/// One command to a running bridge: the words after `ctl`, and the JSON body of `POST /v1/commands`.
///
/// `{"command":"layout","layout":"1+5","program":"room"}`, `{"command":"mute","site":"gia-binh"}`,
/// `{"command":"gain","site":"gia-binh","gain_db":-6}`, `{"command":"lecturer","site":null}`.
package enum ControlRequest: Hashable, Sendable {
    /// A name or a drawing, unread: only the bridge knows its sites.
    case layout(String, program: String)
    case mute(String)
    case unmute(String)
    /// In dB.
    case gain(String, Double)
    /// `nil`: nobody any more.
    case lecturer(String?)
    /// Stands as the speaker, whoever speaks; `nil`: the voices decide again.
    case callUp(String?)
    /// The room shown upwards while nobody speaks; `nil`: the first site that is no link.
    case hub(String?)
    /// Words across the bottom of a program's picture; `nil`: none any more.
    case caption(String?, program: String)

    /// What an operator may write after `ctl`, for help and messages.
    package static let forms = [
        (
            form: "layout LAYOUT [--program ID]",
            meaning: "a new layout, by name or drawing; without --program the room's"
        ),
        (form: "mute ID", meaning: "the site is not heard"),
        (form: "unmute ID", meaning: "it is heard again"),
        (form: "gain ID DB", meaning: "how much louder (or softer: -6) it is in the mix"),
        (form: "lecturer ID|none", meaning: "who has the lecture"),
        (
            form: "call-up ID|none",
            meaning: "the site stands as the speaker, for the uplink too, until none lets the voices decide again"
        ),
        (form: "hub ID|none", meaning: "the room shown up while nobody speaks, and when the uplink is dead"),
        (
            form: "caption WORDS|none [--program ID]",
            meaning: "words across the bottom of a program's picture; without --program the room's"
        ),
        (form: "roll-call", meaning: "everybody in the meeting, over all levels of the cascade, as a table"),
        (form: "watch", meaning: "a live table of sites, programs and encode groups; Ctrl-C ends it"),
    ]

    /// Reads the words after `ctl`.
    ///
    /// - Parameter program: what `--program` says.
    /// - Throws: which word was wrong and what was expected.
    package init(words: [String], program: String?) throws(Refusal) {
        func refuse(_ expected: String) -> Refusal {
            Refusal(origin: .flag("ctl"), key: "ctl", value: words.joined(separator: " "), expected: expected)
        }
        guard let verb = words.first, let form = Self.forms.first(where: { Self.verb(of: $0.form) == verb })?.form
        else {
            throw refuse("one of " + Self.forms.map(\.form).joined(separator: "; "))
        }
        guard words.count == (verb == "gain" ? 3 : 2) else { throw refuse(form) }
        guard program == nil || ["layout", "caption"].contains(verb) else {
            throw refuse("--program only with layout and caption")
        }
        switch verb {
        case "layout": self = .layout(words[1], program: program ?? "room")
        case "mute": self = .mute(words[1])
        case "unmute": self = .unmute(words[1])
        case "lecturer": self = .lecturer(words[1] == "none" ? nil : words[1])
        case "call-up": self = .callUp(words[1] == "none" ? nil : words[1])
        case "hub": self = .hub(words[1] == "none" ? nil : words[1])
        case "caption": self = .caption(words[1] == "none" ? nil : words[1], program: program ?? "room")
        default:
            guard let gain = ValueForm<Double>.gain.parse(words[2]) else {
                throw refuse(ValueForm<Double>.gain.expected)
            }
            self = .gain(words[1], gain)
        }
    }

    private static func verb(of form: String) -> String { String(form.prefix(while: { $0 != " " })) }
}

extension ControlRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case command, layout, program, site, text
        case gain = "gain_db"
    }

    package init(from decoder: any Decoder) throws {
        let body = try decoder.container(keyedBy: CodingKeys.self)
        switch try body.decode(String.self, forKey: .command) {
        case "layout":
            self = .layout(
                try body.decode(String.self, forKey: .layout),
                program: try body.decodeIfPresent(String.self, forKey: .program) ?? "room")
        case "mute": self = .mute(try body.decode(String.self, forKey: .site))
        case "unmute": self = .unmute(try body.decode(String.self, forKey: .site))
        case "gain":
            self = .gain(try body.decode(String.self, forKey: .site), try body.decode(Double.self, forKey: .gain))
        case "lecturer": self = .lecturer(try body.decodeIfPresent(String.self, forKey: .site))
        case "call-up": self = .callUp(try body.decodeIfPresent(String.self, forKey: .site))
        case "hub": self = .hub(try body.decodeIfPresent(String.self, forKey: .site))
        case "caption":
            self = .caption(
                try body.decodeIfPresent(String.self, forKey: .text),
                program: try body.decodeIfPresent(String.self, forKey: .program) ?? "room")
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .command, in: body,
                debugDescription: "\(Refusal.readable(other)): expected "
                    + "layout, mute, unmute, gain, lecturer, call-up, hub or caption")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .layout(let layout, let program):
            try body.encode("layout", forKey: .command)
            try body.encode(layout, forKey: .layout)
            try body.encode(program, forKey: .program)
        case .mute(let site):
            try body.encode("mute", forKey: .command)
            try body.encode(site, forKey: .site)
        case .unmute(let site):
            try body.encode("unmute", forKey: .command)
            try body.encode(site, forKey: .site)
        case .gain(let site, let gain):
            try body.encode("gain", forKey: .command)
            try body.encode(site, forKey: .site)
            try body.encode(gain, forKey: .gain)
        case .lecturer(let site):
            try body.encode("lecturer", forKey: .command)
            try body.encode(site, forKey: .site)
        case .callUp(let site):
            try body.encode("call-up", forKey: .command)
            try body.encode(site, forKey: .site)
        case .hub(let site):
            try body.encode("hub", forKey: .command)
            try body.encode(site, forKey: .site)
        case .caption(let text, let program):
            try body.encode("caption", forKey: .command)
            try body.encode(text, forKey: .text)
            try body.encode(program, forKey: .program)
        }
    }
}
