/// The commands of a running bridge: the first word after `ctl`, and `command` in the body of `POST /v1/commands`.
package enum ControlVerb: String, Hashable, Sendable, CaseIterable {
    case layout
    case siteLayout = "site-layout"
    case pin, unpin, mute, unmute, gain, lecturer
    case callUp = "call-up"
    case hub, slides, enable, disable, caption, keyframe, preset, record, stream, play
    case stopPlay = "stop-play"
    case recordSounds = "record-sounds"
    case add, remove

    /// One thing that a command needs beside its verb.
    enum Operand {
        /// The id of a site.
        case site
        /// The same, or `none`: `null` in JSON.
        case siteOrNone
        /// A name or a drawing, unread: only the bridge knows its sites.
        case layout
        /// The same, or `none`.
        case layoutOrNone
        /// A cell by its place, from 0.
        case cell
        /// In dB.
        case gain
        /// Words for people, or `none`.
        case textOrNone
        /// The id of a preset.
        case preset
        /// `start` or `stop`.
        case action
        /// Where a stream goes, or `none`.
        case urlOrNone
        /// A file of `--media-dir`, and whether over and over.
        case file
        /// A site as `--site` has it.
        case specification

        var word: String {
            switch self {
            case .site: "ID"
            case .siteOrNone: "ID|none"
            case .layout: "LAYOUT"
            case .layoutOrNone: "LAYOUT|none"
            case .cell: "CELL"
            case .gain: "DB"
            case .textOrNone: "WORDS|none"
            case .preset: "PRESET"
            case .action: "start|stop"
            case .urlOrNone: "URL|none"
            case .file: "FILE [loop]"
            case .specification: "id=ID,…"
            }
        }
    }

    var operands: [Operand] {
        switch self {
        case .layout: [.layout]
        case .siteLayout: [.site, .layoutOrNone]
        case .pin: [.site, .cell]
        case .unpin: [.cell]
        case .mute, .unmute, .enable, .disable, .keyframe, .remove: [.site]
        case .gain: [.site, .gain]
        case .lecturer, .callUp, .hub, .slides: [.siteOrNone]
        case .caption: [.textOrNone]
        case .preset: [.preset]
        case .record, .recordSounds: [.action]
        case .stream: [.urlOrNone]
        case .play: [.file]
        case .stopPlay: []
        case .add: [.specification]
        }
    }

    /// Whether it is about a program: the room, unless another is named.
    var takesProgram: Bool { [.layout, .pin, .unpin, .caption, .record, .stream, .play, .add].contains(self) }

    /// As an operator writes it.
    package var form: String {
        ([rawValue] + operands.map(\.word)).joined(separator: " ") + (takesProgram ? " [--program ID]" : "")
    }

    package var meaning: String {
        switch self {
        case .layout: "a new layout, by name or drawing; without --program the room's"
        case .siteLayout: "a layout of the site's own, until none gives it its program's again"
        case .pin: "the site stands in that cell of what is shown, counted from 0"
        case .unpin: "the cell is for whoever is next again"
        case .mute: "the site is not heard; all: no site is"
        case .unmute: "it is heard again; all: every site is"
        case .gain: "how much louder (or softer: -6) it is in the mix"
        case .lecturer: "who has the lecture"
        case .callUp: "the site stands as the speaker, for the uplink too, until none lets the voices decide again"
        case .hub: "the room shown up while nobody speaks, and when the uplink is dead"
        case .slides: "the site whose picture is the slides"
        case .enable: "the site takes part again"
        case .disable: "the site is in no view and no mix; its place is kept"
        case .caption: "words across the bottom of a program's picture; without --program the room's"
        case .keyframe: "the site is sent a keyframe, and asked for one"
        case .record: "a program into a file of --record-dir; without --program the room"
        case .recordSounds: "each site's sound into a file of its own in --record-dir"
        case .stream: "a program to rtmp://, srt://, or NAME.m3u8 in --record-dir, until none ends it"
        case .play: "a file of --media-dir as the site \"player\", once, or over and over; its last picture stands"
        case .stopPlay: "the site \"player\" is gone"
        case .add: "a new site, with the keys of --site; without --program in the room"
        case .remove: "the site is gone, and told goodbye"
        case .preset: "all that the config file has under that name, on one frame"
        }
    }
}
