import ArgumentParser
import Conference
import Console
import Foundation
import Media

/// Lists and draws layouts.
struct LayoutsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layouts",
        abstract: "List the layouts and draw them.",
        discussion: """
            A layout is a name or a drawing, in the words of CSS grid areas: rows split by "/", a word per column, and
            equal neighbours join into one cell.
              *                     the next site in order; each * is a cell of its own
              A to Z                a large cell that is filled by itself
              speaker, previous     who speaks, and who spoke before
              slides, uplink        the slides, and the conference above ours
              an id                 that site and no other
              .                     nothing

            EXAMPLES
              mcu-server layouts
              mcu-server layouts 1+7
              mcu-server layouts "A A speaker / A A gia-binh / * * *" --png layout.png --size 1920x1080
            """)

    @Argument(help: "A name or a drawing; without one, all names are drawn.") var layout: String?
    @Option(help: ArgumentHelp("Write a picture of the layout too.", valueName: "file")) var png: String?
    @Option(help: ArgumentHelp("Of that picture. (default: 1280x720)", valueName: "WxH")) var size: String?

    func run() async throws {
        guard let text = layout else {
            guard png == nil else {
                throw Refusal(origin: .flag("--png"), key: "--png", value: png, expected: "a layout to draw with it")
            }
            print(LayoutCatalogue.lines.joined(separator: "\n"))
            return
        }
        let layout = try LayoutCatalogue.read(text)
        print(LayoutPicture(layout, width: 64))
        guard let png else { return }
        let form = ValueForm<Size>.canvas
        guard let canvas = form.parse(size ?? "1280x720") else {
            throw Refusal(origin: .flag("--size"), key: "--size", value: size, expected: form.expected)
        }
        let bytes = try LayoutImage.png(of: layout, size: canvas)
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: png))
        } catch {
            throw RunFailure("--png \(png): can't be written: \(error.localizedDescription)")
        }
    }
}
