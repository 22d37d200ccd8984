import Mixer

/// One command to a running bridge: the words after `ctl`, and the JSON body of `POST /v1/commands`.
///
/// `{"command":"layout","layout":"1+5","program":"room"}`, `{"command":"mute","site":"gia-binh"}`,
/// `{"command":"gain","site":"gia-binh","gain_db":-6}`, `{"command":"lecturer","site":null}`.
package struct ControlRequest: Hashable, Sendable {
    package var verb: ControlVerb
    /// `nil` where it may be none.
    package var site: String?
    /// The room unless it says another.
    package var program = "room"
    package var layout: String?
    package var cell = 0
    /// In dB.
    package var gain = 0.0
    package var text: String?
    package var preset = ""
    /// Whether something is to begin, or to end.
    package var isStart = true
    package var url: String?
    /// A file of the media folder.
    package var file = ""
    package var repeats = false
    /// A site as `--site` has it.
    package var specification = ""

    package init(_ verb: ControlVerb) { self.verb = verb }

    /// What an operator may write after `ctl` beside the commands.
    package static let readings = [
        (form: "stage COMMAND; COMMAND…", meaning: "prepares commands, which nobody sees yet; none forgets them"),
        (form: "take", meaning: "does what is prepared, on one frame"),
        (form: "undo", meaning: "goes back to before the last change"),
        (form: "roll-call", meaning: "everybody in the meeting, over all levels of the cascade, as a table"),
        (form: "line-check", meaning: "steps through all sites: what is wrong with each line, and what to do"),
        (form: "attendance", meaning: "who was there, and for how long, as CSV"),
        (form: "watch", meaning: "a live table of sites, programs and encode groups; Ctrl-C ends it"),
    ]

    package static var forms: [(form: String, meaning: String)] {
        ControlVerb.allCases.map { ($0.form, $0.meaning) } + readings
    }

    /// Reads the words after `ctl`.
    ///
    /// - Parameter program: what `--program` says.
    /// - Throws: which word was wrong and what was expected.
    package init(words: [String], program: String? = nil) throws(Refusal) {
        func refuse(_ expected: String) -> Refusal {
            Refusal(origin: .flag("ctl"), key: "ctl", value: words.joined(separator: " "), expected: expected)
        }
        guard let word = words.first, let verb = ControlVerb(rawValue: word) else {
            throw refuse("one of " + Self.forms.map(\.form).joined(separator: "; "))
        }
        var words = words
        if verb == .play, words.count == 3, words.last == "loop" { words = [words[0], "\(words[1]) loop"] }
        guard words.count == verb.operands.count + 1 else { throw refuse(verb.form) }
        guard program == nil || verb.takesProgram else {
            let verbs = ControlVerb.allCases.filter(\.takesProgram).map(\.rawValue)
            throw refuse("--program only with \(verbs.joined(separator: ", "))")
        }
        self.init(verb)
        self.program = program ?? "room"
        for (operand, word) in zip(verb.operands, words.dropFirst()) {
            let isNone = word == "none"
            switch operand {
            case .site: site = word
            case .siteOrNone: site = isNone ? nil : word
            case .layout: layout = word
            case .layoutOrNone: layout = isNone ? nil : word
            case .textOrNone: text = isNone ? nil : word
            case .preset: preset = word
            case .urlOrNone: url = isNone ? nil : word
            case .file:
                repeats = word.hasSuffix(" loop")
                file = word.hasSuffix(" loop") ? String(word.dropLast(5)) : word
            case .specification: specification = word
            case .action:
                guard ["start", "stop"].contains(word) else { throw refuse(verb.form) }
                isStart = word == "start"
            case .cell:
                guard let cell = ValueForm<Int>.wholeNumber(0...999).parse(word) else { throw refuse(verb.form) }
                self.cell = cell
            case .gain:
                guard let gain = ValueForm<Double>.gain.parse(word) else {
                    throw refuse(ValueForm<Double>.gain.expected)
                }
                self.gain = gain
            }
        }
    }

    /// Reads commands as a preset or `ctl stage` has them, one after the other: `layout 1+5; gain gia-binh -6; unmute all`.
    /// What takes one word more than its verb takes all that follows: `layout A A * / A A * / * * *`.
    package static func list(_ text: String) throws(Refusal) -> [ControlRequest] {
        var requests: [ControlRequest] = []
        for part in text.split(separator: ";") {
            var words = part.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !words.isEmpty else { continue }
            var program: String?
            if let flag = words.firstIndex(of: "--program"), flag + 2 == words.count {
                program = words[flag + 1]
                words.removeLast(2)
            }
            // The last operand takes the rest.
            if let verb = ControlVerb(rawValue: words[0]), words.count > verb.operands.count + 1, !verb.operands.isEmpty
            {
                let last = verb.operands.count
                words = words[..<last] + [words[last...].joined(separator: " ")]
            }
            requests.append(try ControlRequest(words: words.map(unquoted), program: program))
        }
        return requests
    }

    private static func unquoted(_ word: String) -> String {
        for quote in ["\"", "'"] where word.count > 1 && word.hasPrefix(quote) && word.hasSuffix(quote) {
            return String(word.dropFirst().dropLast())
        }
        return word
    }
}

extension ControlRequest: Codable {
    private enum CodingKeys: String, CodingKey {
        case command, layout, program, site, text, cell, preset, action, url, file, loop, spec
        case gain = "gain_db"
    }

    package init(from decoder: any Decoder) throws {
        let body = try decoder.container(keyedBy: CodingKeys.self)
        let word = try body.decode(String.self, forKey: .command)
        guard let verb = ControlVerb(rawValue: word) else {
            let known = ControlVerb.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: .command, in: body, debugDescription: "\(Refusal.readable(word)): expected \(known)")
        }
        self.init(verb)
        for operand in verb.operands {
            switch operand {
            case .site: site = try body.decode(String.self, forKey: .site)
            case .siteOrNone: site = try body.decodeIfPresent(String.self, forKey: .site)
            case .layout: layout = try body.decode(String.self, forKey: .layout)
            case .layoutOrNone: layout = try body.decodeIfPresent(String.self, forKey: .layout)
            case .cell: cell = try body.decode(Int.self, forKey: .cell)
            case .gain: gain = try body.decode(Double.self, forKey: .gain)
            case .textOrNone: text = try body.decodeIfPresent(String.self, forKey: .text)
            case .preset: preset = try body.decode(String.self, forKey: .preset)
            case .urlOrNone: url = try body.decodeIfPresent(String.self, forKey: .url)
            case .file:
                file = try body.decode(String.self, forKey: .file)
                repeats = try body.decodeIfPresent(Bool.self, forKey: .loop) ?? false
                site = try body.decodeIfPresent(String.self, forKey: .site)
            case .specification: specification = try body.decode(String.self, forKey: .spec)
            case .action:
                let action = try body.decode(String.self, forKey: .action)
                guard ["start", "stop"].contains(action) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .action, in: body,
                        debugDescription: "\(Refusal.readable(action)): expected start or stop")
                }
                isStart = action == "start"
            }
        }
        if verb == .stopPlay { site = try body.decodeIfPresent(String.self, forKey: .site) }
        if verb.takesProgram { program = try body.decodeIfPresent(String.self, forKey: .program) ?? "room" }
    }

    package func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: CodingKeys.self)
        try body.encode(verb.rawValue, forKey: .command)
        for operand in verb.operands {
            switch operand {
            case .site, .siteOrNone: try body.encode(site, forKey: .site)
            case .layout, .layoutOrNone: try body.encode(layout, forKey: .layout)
            case .cell: try body.encode(cell, forKey: .cell)
            case .gain: try body.encode(gain, forKey: .gain)
            case .textOrNone: try body.encode(text, forKey: .text)
            case .preset: try body.encode(preset, forKey: .preset)
            case .urlOrNone: try body.encode(url, forKey: .url)
            case .file:
                try body.encode(file, forKey: .file)
                try body.encode(repeats, forKey: .loop)
                try body.encodeIfPresent(site, forKey: .site)
            case .specification: try body.encode(specification, forKey: .spec)
            case .action: try body.encode(isStart ? "start" : "stop", forKey: .action)
            }
        }
        if verb == .stopPlay { try body.encodeIfPresent(site, forKey: .site) }
        if verb.takesProgram { try body.encode(program, forKey: .program) }
    }
}

extension ControlRequest {
    /// As everybody who looks may read it: a new site without its keys, and without what its URL proves itself by.
    package var redacted: ControlRequest {
        guard verb == .add else { return self }
        var shown = self
        let pairs = (try? KeyValueList(specification))?.pairs.map(Self.shown)
        shown.specification = pairs?.joined(separator: ",") ?? Secret.mark
        return shown
    }

    private static func shown(_ pair: KeyValueList.Pair) -> String {
        let location = MediaLocation(pair.value)
        let value = location.isFile ? Secret.shown(pair.value, of: pair.key) : location.description
        guard value.contains(where: { ",\"\\".contains($0) }) else { return "\(pair.key)=\(value)" }
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\(pair.key)=\"\(escaped)\""
    }

    /// What was meant by a request that is one of `known` as it was shown: a page sends back what it has read.
    package func completed(from known: [ControlRequest]) -> ControlRequest {
        known.first { $0.redacted == self } ?? self
    }
}

/// Commands that take effect on one frame or not at all: `{"commands":[…]}`, or a single one.
package struct ControlBatch: Hashable, Sendable, Codable {
    /// More is no command of a person.
    package static let limit = 200

    package var commands: [ControlRequest]

    package init(_ commands: [ControlRequest]) { self.commands = commands }

    private enum CodingKeys: String, CodingKey { case commands }

    package init(from decoder: any Decoder) throws {
        let body = try decoder.container(keyedBy: CodingKeys.self)
        guard body.contains(.commands) else {
            commands = [try ControlRequest(from: decoder)]
            return
        }
        commands = try body.decode([ControlRequest].self, forKey: .commands)
        guard commands.count <= Self.limit else {
            throw DecodingError.dataCorruptedError(
                forKey: .commands, in: body,
                debugDescription: "\(commands.count) of them: expected \(Self.limit) at most")
        }
    }
}
