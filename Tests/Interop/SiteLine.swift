import Media
import TestSupport

/// One site of a test's conference: the ports at the bridge that its packets go to, and those at home that its program
/// comes to.
struct SiteLine {
    let id: String
    let bridge: PortBlock
    let home: PortBlock

    init(_ id: String) throws {
        guard let bridge = PortAllocator.block(), let home = PortAllocator.block() else {
            throw BridgeProcess.Failure(description: "no free UDP ports")
        }
        self.id = id
        self.bridge = bridge
        self.home = home
    }

    /// The flags that tell the bridge of the site.
    /// - Parameter keys: more of `KEY=VALUE`.
    func flags(_ keys: String...) -> [String] {
        flags(keys: ["audio=\(bridge.audio)", "video=\(bridge.video)", "to=127.0.0.1:\(home.audio)"] + keys)
    }

    /// The same for a site of sound alone.
    func soundFlags(_ keys: String...) -> [String] {
        flags(keys: ["audio=\(bridge.audio)", "to=127.0.0.1:\(home.audio)"] + keys)
    }

    /// The same for a site of pictures alone.
    func pictureFlags(_ keys: String...) -> [String] {
        flags(keys: ["video=\(bridge.video)", "to=127.0.0.1:\(home.audio)"] + keys)
    }

    private func flags(keys: [String]) -> [String] { ["--site", (["id=\(id)"] + keys).joined(separator: ",")] }

    /// ffmpeg as the site: sends a prepared file.
    func send(_ file: String, audio: Bool = true, video: Bool = true) throws -> Subprocess {
        try Subprocess(
            PeerCommands.ffmpegSender(
                file: file, cname: id, audioPort: audio ? bridge.audio : nil, videoPort: video ? bridge.video : nil))
    }
}
