import Conference
import Console
import Foundation
import RTP

/// The SDP files of `--sdp-dir`: what a player at each site opens to receive its program.
struct ReceiverDescriptions {
    let sites: [SitePlan]

    func write(to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw RunFailure("--sdp-dir \(folder): can't be written: \(error.localizedDescription)")
        }
        for site in sites where site.slidesOf == nil {
            let slides = sites.first { $0.slidesOf == site.id }
            guard let description = ReceiverDescription.of(site, slides: slides) else { continue }
            do {
                let hasKeys = description.media.contains { !$0.crypto.isEmpty }
                try TextFile.write(description.text, path: "\(folder)/\(site.id).sdp", isSecret: hasKeys)
            } catch {
                throw RunFailure("--sdp-dir \(folder): can't be written: \(error)")
            }
        }
    }
}
