import Hummingbird

/// One file of the operator's page, or the description of the API, as it is in the folder Page; it is part of the program, so that nothing has to be installed
/// beside it.
struct PageFile: Sendable {
    let name: String
    private let bytes: [UInt8]

    private init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    static func named(_ name: String) -> PageFile? { all.first { $0.name == name } }

    var answer: Response { Answer.bytes(bytes, type: type, isKept: true) }

    private var type: String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "yaml": "application/yaml"
        default: "text/javascript; charset=utf-8"
        }
    }

    static let all = [
        PageFile("addsite.js", PackageResources.addsite_js),
        PageFile("alarms.js", PackageResources.alarms_js),
        PageFile("api.js", PackageResources.api_js),
        PageFile("audit.js", PackageResources.audit_js),
        PageFile("card.js", PackageResources.card_js),
        PageFile("cells.js", PackageResources.cells_js),
        PageFile("commands.js", PackageResources.commands_js),
        PageFile("desk.js", PackageResources.desk_js),
        PageFile("dialogs.js", PackageResources.dialogs_js),
        PageFile("dom.js", PackageResources.dom_js),
        PageFile("en.js", PackageResources.en_js),
        PageFile("events.js", PackageResources.events_js),
        PageFile("health.js", PackageResources.health_js),
        PageFile("icon.svg", PackageResources.icon_svg),
        PageFile("index.html", PackageResources.index_html),
        PageFile("keyboard.js", PackageResources.keyboard_js),
        PageFile("layouts.js", PackageResources.layouts_js),
        PageFile("linecheck.js", PackageResources.linecheck_js),
        PageFile("log.js", PackageResources.log_js),
        PageFile("logwords.js", PackageResources.logwords_js),
        PageFile("multipart.js", PackageResources.multipart_js),
        PageFile("notices.js", PackageResources.notices_js),
        PageFile("openapi.yaml", PackageResources.openapi_yaml),
        PageFile("page.css", PackageResources.page_css),
        PageFile("page.js", PackageResources.page_js),
        PageFile("panels.js", PackageResources.panels_js),
        PageFile("previews.js", PackageResources.previews_js),
        PageFile("programs.js", PackageResources.programs_js),
        PageFile("recordings.js", PackageResources.recordings_js),
        PageFile("rollcall.js", PackageResources.rollcall_js),
        PageFile("settings.js", PackageResources.settings_js),
        PageFile("sites.js", PackageResources.sites_js),
        PageFile("thumbnails.js", PackageResources.thumbnails_js),
        PageFile("token.js", PackageResources.token_js),
        PageFile("tools.js", PackageResources.tools_js),
        PageFile("vi.js", PackageResources.vi_js),
        PageFile("words.js", PackageResources.words_js),
    ]
}
