import CPango
import Media

/// The texts and marks drawn on cells, each drawn once per text and size; those used longest ago make way. Shared by all
/// composers of a bridge.
package final class LabelCache: @unchecked Sendable {  // all state is touched on the queue of the composers only
    /// Texts kept at a time.
    package static let capacity = 512

    /// Texts drawn so far.
    package private(set) var rendered = 0

    private struct Entry {
        var text: String
        var style: TextStyle
        var overlay: Overlay?
        var lastUse: UInt64
    }

    private let renderer = TextRenderer()
    private var entries: [Entry] = []
    private var marks: [Int: Overlay] = [:]
    private var uses: UInt64 = 0

    package init() { entries.reserveCapacity(Self.capacity) }

    /// How many characters of `text` no installed font has: more than 0 means that the name would show boxes.
    package func unknownGlyphs(in text: String) -> Int {
        renderer.render(text, TextStyle(fontHeight: 20, widthLimit: 4096)).unknownGlyphs
    }

    /// The label for a cell of this size; `nil` if nothing of it can be shown.
    package func label(_ text: String, cell: Size) -> Overlay? { overlay(text, Label.style(for: cell)) }

    /// The text in a style; `nil` if nothing of it can be shown.
    func overlay(_ text: String, _ style: TextStyle) -> Overlay? {
        uses &+= 1
        var oldest = 0
        for index in entries.indices {
            if entries[index].style == style, entries[index].text.utf8.elementsEqual(text.utf8) {
                entries[index].lastUse = uses
                return entries[index].overlay
            }
            if entries[index].lastUse < entries[oldest].lastUse { oldest = index }
        }
        rendered &+= 1
        let entry = Entry(text: text, style: style, overlay: renderer.render(text, style).overlay, lastUse: uses)
        if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
        }
        return entry.overlay
    }

    /// The fault mark of a side: one of 18 sizes.
    func faultMark(side: Int) -> Overlay? {
        if let mark = marks[side] { return mark }
        let mark = Overlay(size: Size(width: side, height: side)) { drawFaultMark($0, side: Double(side)) }
        marks[side] = mark
        return mark
    }
}

private func drawFaultMark(_ cairo: OpaquePointer, side: Double) {
    let line = side / 10
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_width(cairo, line)
    cairo_move_to(cairo, side / 2, line)
    cairo_line_to(cairo, side - line, side - line)
    cairo_line_to(cairo, line, side - line)
    cairo_close_path(cairo)
    cairo_set_source_rgb(cairo, 1, 0.72, 0.05)
    cairo_fill_preserve(cairo)
    // A dark edge, to be seen on bright pictures.
    cairo_set_source_rgb(cairo, 0.12, 0.1, 0.02)
    cairo_stroke(cairo)
    // The "!": a bar and a dot.
    cairo_rectangle(cairo, side * 0.45, side * 0.36, side * 0.1, side * 0.27)
    cairo_rectangle(cairo, side * 0.45, side * 0.70, side * 0.1, side * 0.1)
    cairo_fill(cairo)
}
