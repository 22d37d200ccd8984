import CPango
import Media

/// How a text is set.
struct TextStyle: Hashable {
    /// Height of the font in pixels.
    var fontHeight: Int
    /// The text's box isn't wider; what doesn't fit ends in an ellipsis.
    var widthLimit: Int
    var lines = 1
    var isCentred = false
    /// 0 (black) to 1 (white).
    var brightness = 1.0
    /// Whether it stands on a dark, half see-through box.
    var isBoxed = false
}

/// Draws texts by Pango, which knows combining marks, scripts and fallback fonts. Owns its font map: Pango's default one
/// belongs to a thread, and a serial queue has no thread of its own.
struct TextRenderer: ~Copyable {
    private let fonts: UnsafeMutablePointer<PangoFontMap>
    private let context: OpaquePointer

    /// The first that is installed; Pango takes other fonts for glyphs it lacks.
    private static let families = "Noto Sans, DejaVu Sans, Sans"
    /// What is read of a text: no cell is wide enough for more.
    private static let longestText = 256

    init() {
        guard let fonts = pango_cairo_font_map_new(), let context = pango_font_map_create_context(fonts) else {
            fatalError("Pango has no font map")
        }
        self.fonts = fonts
        self.context = context
        // Grey edges: coloured ones, made for a screen's sub-pixels, smear in 4:2:0.
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
    }

    deinit {
        cpango_unref(UnsafeMutableRawPointer(context))
        cpango_unref(UnsafeMutableRawPointer(fonts))
    }

    /// - Returns: the drawing, `nil` for a text without ink, and how many characters no font has a glyph for.
    func render(_ text: String, _ style: TextStyle) -> (overlay: Overlay?, unknownGlyphs: Int) {
        guard let layout = pango_layout_new(context) else { return (nil, 0) }
        defer { cpango_unref(UnsafeMutableRawPointer(layout)) }
        let padding = style.isBoxed ? max(2, style.fontHeight / 3) : 1
        configure(layout, text, style, width: style.widthLimit - 2 * padding)
        let unknown = Int(pango_layout_get_unknown_glyphs_count(layout))

        // The font's height keeps all labels of a size alike; ink can pass it, by marks over capitals ("Ệ").
        var ink = PangoRectangle()
        var logical = PangoRectangle()
        pango_layout_get_pixel_extents(layout, &ink, &logical)
        guard ink.width > 0, style.widthLimit > 2 * padding else { return (nil, unknown) }
        let left = min(ink.x, logical.x)
        let top = min(ink.y, logical.y)
        let right = max(ink.x + ink.width, logical.x + logical.width)
        let bottom = max(ink.y + ink.height, logical.y + logical.height)
        let vertical = style.isBoxed ? max(1, padding / 4) : 0
        let size = Size(width: Int(right - left) + 2 * padding, height: Int(bottom - top) + 2 * vertical)
        let overlay = Overlay(size: size) { cairo in
            if style.isBoxed { Self.drawBox(cairo, size, radius: Double(padding) / 1.5) }
            cairo_set_source_rgb(cairo, style.brightness, style.brightness, style.brightness)
            cairo_move_to(cairo, Double(padding - Int(left)), Double(vertical - Int(top)))
            pango_cairo_show_layout(cairo, layout)
        }
        return (overlay, unknown)
    }

    private func configure(_ layout: OpaquePointer, _ text: String, _ style: TextStyle, width: Int) {
        let font = pango_font_description_from_string(Self.families)
        pango_font_description_set_absolute_size(font, Double(style.fontHeight) * Double(PANGO_SCALE))
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_single_paragraph_mode(layout, 1)
        pango_layout_set_width(layout, Int32(max(1, width)) * PANGO_SCALE)
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_height(layout, Int32(-style.lines))
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        pango_layout_set_alignment(layout, style.isCentred ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT)
        var clean = Self.printable(text)
        clean.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                pango_layout_set_text(layout, $0.baseAddress, Int32($0.count))
            }
        }
    }

    /// Without control characters; names may come from the network.
    private static func printable(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longestText) {
            let isControl = scalar.properties.generalCategory == .control
            clean.append(isControl ? " " : scalar)
        }
        return String(clean)
    }

    private static func drawBox(_ cairo: OpaquePointer, _ size: Size, radius: Double) {
        let (width, height) = (Double(size.width), Double(size.height))
        cairo_new_path(cairo)
        cairo_arc(cairo, width - radius, radius, radius, -.pi / 2, 0)
        cairo_arc(cairo, width - radius, height - radius, radius, 0, .pi / 2)
        cairo_arc(cairo, radius, height - radius, radius, .pi / 2, .pi)
        cairo_arc(cairo, radius, radius, radius, .pi, 3 * .pi / 2)
        cairo_close_path(cairo)
        cairo_set_source_rgba(cairo, 0.05, 0.06, 0.08, 0.62)
        cairo_fill(cairo)
    }
}
