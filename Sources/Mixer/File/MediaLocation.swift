/// Where media is read from or written to: the path of a file, or a URL of a protocol that carries media.
package struct MediaLocation: Hashable, Sendable {
    /// As it was given.
    package let text: String
    /// The URL's scheme in lower case; `nil` for a path.
    let scheme: String?

    /// What can be read besides files, for messages.
    package static let readableSchemes = [
        "http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "srt", "tcp", "udp",
    ]
    /// What can be written besides files, for messages.
    static let writableSchemes = ["rtmp", "rtmps", "srt", "udp"]

    /// Anything with `://` is a URL; `file://` is a path again.
    package init(_ text: String) {
        self.text = text
        guard let mark = text.firstRange(of: "://") else {
            scheme = nil
            return
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        self.scheme = scheme == "file" ? nil : scheme
    }

    package var isFile: Bool { scheme == nil }
    /// Whether it is a URL that can be read; `file://` is none.
    package var isReadableURL: Bool { scheme.map { Self.readableSchemes.contains($0) } ?? false }

    /// Whether the protocol itself carries what happens now, rather than something stored.
    var isLive: Bool {
        guard let scheme else { return false }
        return scheme != "http" && scheme != "https"
    }

    /// The path of a file; empty for a URL.
    package var path: String {
        guard isFile else { return "" }
        return text.lowercased().hasPrefix("file://") ? String(text.dropFirst(7)) : text
    }

    /// The ending of the name in lower case, without the dot; empty if there is none.
    package var fileExtension: String {
        let name =
            (isFile ? path : text.split(separator: "?", maxSplits: 1).first.map(String.init) ?? "")
            .split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// What libavformat opens: a path is marked as one, since names may have colons in them.
    var address: String { isFile ? "file:" + path : text }
}

extension MediaLocation {
    /// For people: the file's name without its folders, or the URL as in `description`.
    package var shortName: String { isFile ? String(path.split(separator: "/").last ?? "") : description }
}

extension MediaLocation: CustomStringConvertible {
    /// For logs and messages: the file's path, or the URL without user, password, query and stream key.
    package var description: String {
        guard let scheme, let mark = text.firstRange(of: "://") else { return path }
        let rest = text[mark.upperBound...].split(separator: "?", maxSplits: 1).first ?? ""
        let authority = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let host = authority.split(separator: "@").last ?? ""
        var way = rest.dropFirst(authority.count)
        if scheme.hasPrefix("rtmp"), let slash = way.lastIndex(of: "/") { way = way[...slash] + "…" }
        return "\(scheme)://\(host)\(way)"
    }
}
