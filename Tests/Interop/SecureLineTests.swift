import Foundation
import Media
import TestSupport
import Testing

/// SRTP with authenticated encryption (RFC 7714).
@Suite("Secure lines", .serialized)
struct SecureLineTests {
    private let size = Size(width: 320, height: 180)

    @Test("AES-GCM with keys of 128 and 256 bits: picture and sound of GStreamer, both ways")
    func authenticatedEncryption() async throws {
        let media = try TestMedia.prepared()
        let sites = [
            try SecureSite("gia-binh", suite: "AEAD_AES_128_GCM", cipher: "aes-128-gcm", keySize: 28),
            try SecureSite("que-vo", suite: "AEAD_AES_256_GCM", cipher: "aes-256-gcm", keySize: 44),
        ]
        let bridge = try await BridgeProcess(
            sites.flatMap(\.flags) + ["--layout", "1x2", "--size", "640x180", "--fps", "15", "--gop", "1s"])
        let taps = try sites.map { site in
            (
                audio: try RTPTap(port: site.line.home.audio, destination: site.behind.audio),
                video: try RTPTap(port: site.line.home.video, destination: site.behind.video)
            )
        }
        defer { withExtendedLifetime(taps) {} }
        let senders = try sites.map { site in
            try Subprocess(
                PeerCommands.gstreamerSecureSender(
                    file: media.path("\(site.line.id)-small"), tone: media.site(site.line.id).tone, site.sent,
                    audioPort: site.line.bridge.audio, videoPort: site.line.bridge.video))
        }
        defer { for sender in senders { sender.stop() } }
        // `srtpdec` wants to know the sources before their first packet: SRTP leaves them readable.
        try await eventually("streams to all sites") {
            taps.allSatisfy { !$0.audio.datagrams.isEmpty && !$0.video.datagrams.isEmpty }
        }
        let canvas = Size(width: 640, height: 180)
        let recordings = try zip(sites, taps).map { site, tap in
            let ssrcs = (
                audio: try #require(RTPLog(tap.audio.datagrams).packets.first?.ssrc),
                video: try #require(RTPLog(tap.video.datagrams).packets.first?.ssrc)
            )
            return try Recording(site.line.id, of: bridge, size: canvas) { rawVideo, wav in
                PeerCommands.gstreamerSecureReceiver(
                    site.received, audioPort: site.behind.audio, videoPort: site.behind.video, ssrcs: ssrcs,
                    rawVideo: rawVideo, wav: wav)
            }
        }
        try await bridge.waitUntilLive(sites.map(\.line.id))
        let tones = sites.map { media.site($0.line.id).tone }
        let cells = try await bridge.cells()
        for (index, recording) in recordings.enumerated() {
            try await eventually("both pictures, and the other's tone") {
                guard let picture = try recording.newestPicture(),
                    let levels = try recording.levels(of: tones, seconds: 0.3)
                else { return false }
                let shown = cells.map { picture.site(in: $0.rectangle, among: media.sites)?.id.rawValue }
                return shown == sites.map(\.line.id) && picture.frameNumber(in: cells[0].rectangle) != nil
                    && levels[1 - index] > -20 && levels[index] < -40
            }
        }
        for site in sites {
            let dropped = try await bridge.site(site.line.id).dropped
            #expect(dropped.values.allSatisfy { $0 == 0 }, "RTP and RTCP are authentic: \(dropped)")
        }
        #expect(bridge.stop() == 0)
    }

    /// One site with a key for each way.
    private struct SecureSite {
        let line: SiteLine
        let behind: PortBlock
        let sent: PeerCommands.SecureLine
        let received: PeerCommands.SecureLine
        let flags: [String]

        init(_ id: String, suite: String, cipher: String, keySize: Int) throws {
            line = try SiteLine(id)
            behind = try #require(PortAllocator.block())
            let keys = [0x10, 0x60].map { first in (0..<keySize).map { UInt8(first + $0) } }
            sent = PeerCommands.SecureLine(cipher: cipher, key: keys[0])
            received = PeerCommands.SecureLine(cipher: cipher, key: keys[1])
            flags = line.flags(
                "srtp=\(suite)", "srtp-in=\(Data(keys[0]).base64EncodedString())",
                "srtp-out=\(Data(keys[1]).base64EncodedString())")
        }
    }
}
